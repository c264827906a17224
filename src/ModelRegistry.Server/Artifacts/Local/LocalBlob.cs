using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace ModelRegistry.Server.Artifacts.Local;

/// <summary>An open local file; it keeps its content when the name is taken over or deleted.</summary>
internal sealed class LocalBlob(SafeFileHandle handle) : IBlob
{
    private const int PieceSize = 128 << 10;

    public long Length { get; } = RandomAccess.GetLength(handle);

    public DateTimeOffset LastModified { get; } = File.GetLastWriteTimeUtc(handle);

    public string Tag => string.Create(CultureInfo.InvariantCulture, $"{LastModified.UtcTicks:x}-{Length:x}");

    public string? Checksum => null;

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        long offset, long length, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            for (var left = length; left > 0;)
            {
                var piece = buffer.AsMemory(0, (int)Math.Min(left, PieceSize));
                var read = await RandomAccess.ReadAsync(handle, piece, offset, cancellationToken);
                if (read == 0)
                    throw new EndOfStreamException("The file became shorter while it was read.");
                yield return piece[..read];
                offset += read;
                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public ValueTask DisposeAsync()
    {
        handle.Dispose();
        return ValueTask.CompletedTask;
    }
}
