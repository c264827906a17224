using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>An object as it was when it was opened: reads ask for that generation.</summary>
internal sealed class GcsBlob(GcsBucket bucket, GcsObject file) : IBlob
{
    private const int PieceSize = 64 << 10;

    public long Length => file.Size;

    public DateTimeOffset LastModified => file.Updated;

    public string Tag => file.Generation.ToString(CultureInfo.InvariantCulture);

    public string? Checksum => file.Checksum;

    /// <remarks>The last piece of a whole file is held back until the checksum is right, so nobody receives a damaged file to its end.</remarks>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        long offset, long length, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var checksum = new Crc32C();
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        await using var reader = new ResumingReader((from, token) => bucket.OpenAsync(file, from, offset + length - 1, token), offset, length);
        try
        {
            for (var left = length; left > 0;)
            {
                var read = await reader.ReadAsync(buffer, cancellationToken);
                left -= read;
                checksum.Append(buffer.AsSpan(0, read));
                if (left == 0 && length == file.Size && file.Crc32c is { } expected && checksum.ToBase64() != expected)
                    throw new StoreException($"A file came damaged from bucket '{bucket.Name}' of Google Cloud Storage. Ask for it again.", isTemporary: true);
                yield return buffer.AsMemory(0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
