using System.Buffers;

namespace ModelRegistry.Server.Artifacts;

/// <summary>
/// Cuts content into the parts in which a bucket takes it. A part is whole in memory, so that it can be sent again; each begins in a small buffer
/// and moves to one of the few large ones when it outgrows that, so slow and small uploads do not keep others from them.
/// </summary>
/// <param name="content">A piece is valid until the next one is asked for.</param>
/// <param name="length">Size of the whole if it is known.</param>
/// <param name="maxParts">How many parts the store takes.</param>
/// <param name="buffers">The large buffers.</param>
/// <param name="cancellationToken">Gives the reading up.</param>
internal sealed class PartReader(
    IAsyncEnumerable<ReadOnlyMemory<byte>> content, long? length, int maxParts, UploadBuffers buffers, CancellationToken cancellationToken) : IAsyncDisposable
{
    private const int SmallSize = 64 << 10;
    private const int Megabyte = 1 << 20;

    /// <summary>With no length to go by, parts double in size after so many: 10,000 of them then hold any file that a store takes.</summary>
    private const int PartsPerDoubling = 1000;
    private const int MaxDoublings = 6;

    private readonly IAsyncEnumerator<ReadOnlyMemory<byte>> pieces = content.GetAsyncEnumerator(cancellationToken);
    private ReadOnlyMemory<byte> piece;
    private UploadBuffer? buffer;
    private int filled;

    /// <summary>Number of the current part, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The current part; valid until the next one is asked for.</summary>
    public ReadOnlyMemory<byte> Part => buffer is null ? default : buffer.Bytes.AsMemory(0, filled);

    /// <summary>Bytes in all parts so far.</summary>
    public long Size { get; private set; }

    /// <summary>Reads the next part.</summary>
    /// <returns>false when there is none.</returns>
    public async Task<bool> NextAsync()
    {
        buffer?.Dispose();
        (buffer, filled) = (null, 0);
        var size = PartSize(++Number);
        while (filled < size && await HasPieceAsync())
        {
            await MakeRoomAsync(size);
            var count = Math.Min(piece.Length, buffer!.Bytes.Length - filled);
            count = Math.Min(count, size - filled);
            piece[..count].CopyTo(buffer.Bytes.AsMemory(filled));
            piece = piece[count..];
            filled += count;
        }

        Size += filled;
        return filled > 0;
    }

    /// <summary>Whether nothing follows the current part.</summary>
    public async Task<bool> IsLastAsync() => !await HasPieceAsync();

    public ValueTask DisposeAsync()
    {
        buffer?.Dispose();
        buffer = null;
        return pieces.DisposeAsync();
    }

    private int PartSize(int number)
    {
        var least = length is { } known
            ? ((known + maxParts - 1) / maxParts + Megabyte - 1) / Megabyte * Megabyte
            : (long)UploadBuffers.Size << Math.Min((number - 1) / PartsPerDoubling, MaxDoublings);
        return (int)Math.Clamp(least, UploadBuffers.Size, Array.MaxLength);
    }

    private async ValueTask<bool> HasPieceAsync()
    {
        while (piece.IsEmpty)
        {
            if (!await pieces.MoveNextAsync())
                return false;
            piece = pieces.Current;
        }

        return true;
    }

    private async ValueTask MakeRoomAsync(int size)
    {
        if (buffer is null)
        {
            var small = ArrayPool<byte>.Shared.Rent(SmallSize);
            buffer = new UploadBuffer(small, bytes => ArrayPool<byte>.Shared.Return(bytes));
        }
        else if (filled == buffer.Bytes.Length)
        {
            var large = await buffers.RentAsync(size, cancellationToken);
            buffer.Bytes.AsSpan(0, filled).CopyTo(large.Bytes);
            buffer.Dispose();
            buffer = large;
        }
    }
}
