using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ModelRegistry.Server.Artifacts;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>Parts in the few buffers that all uploads share.</summary>
public sealed class PartReaderTests : IDisposable
{
    private const int PieceSize = 64 << 10;
    private const int Size = (8 << 20) + 1000;

    /// <summary>More than there are buffers.</summary>
    private const int SlowUploads = 5;

    private readonly UploadBuffers buffers = new();

    public void Dispose() => buffers.Dispose();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(UploadBuffers.Size, 1)]
    [InlineData(UploadBuffers.Size + 1, 2)]
    [InlineData((2 * UploadBuffers.Size) + 70_000, 3)]
    public async Task Content_is_cut_into_parts_and_the_last_one_is_known_as_such(int size, int parts)
    {
        foreach (var length in new long?[] { size, null })
        {
            var source = Channel.CreateUnbounded<byte[]>();
            await SendAsync(source, StoreContent.Bytes(size));
            source.Writer.Complete();

            var (read, flags) = await ReadAsync(source, length);

            Assert.True(read.AsSpan().SequenceEqual(StoreContent.Bytes(size)));
            Assert.Equal(Enumerable.Range(1, parts).Select(number => number == parts), flags);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Uploads_that_stand_still_do_not_keep_the_buffers_from_others(bool isLengthKnown)
    {
        var bytes = StoreContent.Bytes(Size);
        var length = isLengthKnown ? Size : (long?)null;
        var slow = Enumerable.Range(0, SlowUploads).Select(_ => Channel.CreateUnbounded<byte[]>()).ToList();
        var reading = slow.ConvertAll(source => ReadAsync(source, length));
        foreach (var source in slow)
            await SendAsync(source, bytes[..(1 << 20)]);

        var quick = Channel.CreateUnbounded<byte[]>();
        await SendAsync(quick, bytes);
        quick.Writer.Complete();
        Assert.True((await ReadAsync(quick, length)).Bytes.AsSpan().SequenceEqual(bytes));

        Assert.All(reading, upload => Assert.False(upload.IsCompleted));
        foreach (var source in slow)
        {
            await SendAsync(source, bytes[(1 << 20)..]);
            source.Writer.Complete();
        }

        Assert.All(await Task.WhenAll(reading), upload => Assert.True(upload.Bytes.AsSpan().SequenceEqual(bytes)));
    }

    [Fact]
    public async Task A_client_that_hangs_up_gives_its_buffer_back_wherever_its_part_is()
    {
        var slow = Enumerable.Range(0, SlowUploads).Select(_ => Channel.CreateUnbounded<byte[]>()).ToList();
        var reading = slow.ConvertAll(source => ReadAsync(source, Size));
        foreach (var source in slow)
        {
            await SendAsync(source, new byte[1 << 20]);
            source.Writer.Complete(new IOException("The client hung up."));
        }

        foreach (var upload in reading)
            await Assert.ThrowsAsync<IOException>(() => upload);
        Assert.False(buffers.AreWanted);
        // All of them together: none is held by anybody.
        using var all = await buffers.RentAsync(int.MaxValue / 4, default);
    }

    private static async Task SendAsync(Channel<byte[]> to, byte[] bytes)
    {
        foreach (var piece in bytes.Chunk(PieceSize))
            await to.Writer.WriteAsync(piece);
    }

    private async Task<(byte[] Bytes, List<bool> IsLast)> ReadAsync(Channel<byte[]> source, long? length)
    {
        await using var parts = new PartReader(PiecesAsync(source), length, 10_000, buffers, default);
        var (bytes, flags) = (new MemoryStream(), new List<bool>());
        while (await parts.NextAsync())
        {
            bytes.Write(parts.Part.Span);
            flags.Add(parts.IsLast);
        }

        Assert.Equal(bytes.Length, parts.Size);
        return (bytes.ToArray(), flags);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(
        Channel<byte[]> source, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var piece in source.Reader.ReadAllAsync(cancellationToken))
            yield return piece;
    }
}
