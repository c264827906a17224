using System.Buffers;

namespace ModelRegistry.Server.Artifacts;

/// <summary>
/// Cuts content into the parts in which a bucket takes it. A part is whole in memory when it is sent, so that it can be sent again. There are few
/// buffers for that: an upload that is slow to fill its one while others wait goes on collecting in a file, and takes one again when the part is whole.
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

    /// <summary>How long a part may take to arrive before its buffer goes to others who wait.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    private readonly IAsyncEnumerator<ReadOnlyMemory<byte>> pieces = content.GetAsyncEnumerator(cancellationToken);
    private ReadOnlyMemory<byte> piece;
    private UploadBuffer? buffer;
    private PartFile? file;
    private int filled;

    /// <summary>Ends when the large buffer has been held for long enough; null without one.</summary>
    private Task? patience;
    private bool isSlow;

    /// <summary>Number of the current part, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The current part; valid until the next one is asked for.</summary>
    public ReadOnlyMemory<byte> Part => buffer is null ? default : buffer.Bytes.AsMemory(0, filled);

    /// <summary>Whether nothing follows the current part.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Bytes in all parts so far.</summary>
    public long Size { get; private set; }

    /// <summary>Reads the next part.</summary>
    /// <returns>false when there is none.</returns>
    /// <exception cref="StoreException">The part had to go to a file, and could not.</exception>
    public async Task<bool> NextAsync()
    {
        GiveBack();
        filled = 0;
        var size = PartSize(++Number);
        while (filled < size && await HasPieceAsync())
        {
            await MakeRoomAsync(size);
            await TakePieceAsync(size);
        }

        IsLast = !await HasPieceAsync();
        patience = null;
        if (file is not null)
            await ReadBackAsync();
        Size += filled;
        return filled > 0;
    }

    public async ValueTask DisposeAsync()
    {
        GiveBack();
        if (file is not null)
            await file.DisposeAsync();
        await pieces.DisposeAsync();
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
            var next = pieces.MoveNextAsync();
            if (!(next.IsCompleted || patience is null ? await next : await WaitAsync(next.AsTask())))
                return false;
            piece = pieces.Current;
        }

        return true;
    }

    /// <summary>Waits for the next piece, and gives way to others meanwhile.</summary>
    private async Task<bool> WaitAsync(Task<bool> next)
    {
        while (patience is not null && await Task.WhenAny(next, patience) == patience)
        {
            patience = buffers.AreWanted ? null : Task.Delay(TimeLimit);
            if (patience is null && await MoveToFileAsync() is { } failure)
            {
                await next; // Nothing may be disposed of under a running read.
                throw failure;
            }
        }

        return await next;
    }

    /// <returns>Why it cannot be done.</returns>
    private async Task<StoreException?> MoveToFileAsync()
    {
        isSlow = true;
        try
        {
            file = new PartFile();
            // Not given up half-way: a read of the content may be under way.
            await file.AppendAsync(Part, CancellationToken.None);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new StoreException(
                $"A slow upload cannot be kept in {Path.GetTempPath()}: {e.Message} Set TMPDIR to a folder with room for it.", isTemporary: true, e);
        }
        finally
        {
            GiveBack();
        }
    }

    private async ValueTask TakePieceAsync(int size)
    {
        var count = Math.Min(piece.Length, size - filled);
        if (file is not null)
        {
            await file.AppendAsync(piece[..count], cancellationToken);
        }
        else
        {
            count = Math.Min(count, buffer!.Bytes.Length - filled);
            piece[..count].CopyTo(buffer.Bytes.AsMemory(filled));
        }

        piece = piece[count..];
        filled += count;
    }

    private async Task ReadBackAsync()
    {
        buffer = await buffers.RentAsync(filled, cancellationToken);
        await file!.ReadAsync(buffer.Bytes.AsMemory(0, filled), cancellationToken);
        await file.DisposeAsync();
        file = null;
    }

    private async ValueTask MakeRoomAsync(int size)
    {
        if (file is not null || (buffer is not null && filled < buffer.Bytes.Length))
            return;
        if (buffer is null && (length is not { } known || known - Size <= SmallSize))
        {
            var small = ArrayPool<byte>.Shared.Rent(SmallSize);
            buffer = new UploadBuffer(small, bytes => ArrayPool<byte>.Shared.Return(bytes));
            return;
        }

        if (isSlow && buffers.AreWanted)
        {
            if (await MoveToFileAsync() is { } failure)
                throw failure;
            return;
        }

        var large = await buffers.RentAsync(size, cancellationToken);
        Part.CopyTo(large.Bytes);
        GiveBack();
        (buffer, patience) = (large, Task.Delay(TimeLimit));
    }

    private void GiveBack()
    {
        buffer?.Dispose();
        (buffer, patience) = (null, null);
    }
}
