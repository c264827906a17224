using System.Buffers;

namespace ModelRegistry.Server.Artifacts;

/// <summary>
/// The memory in which uploads gather the parts they send on. There is a fixed amount of it, whatever the number of clients: who finds none waits,
/// and the bytes wait with the client.
/// </summary>
internal sealed class UploadBuffers : IDisposable
{
    /// <summary>Size of a usual buffer.</summary>
    public const int Size = 8 << 20;

    private const int Count = 3;

    private readonly SemaphoreSlim turn = new(1);
    private readonly SemaphoreSlim free = new(Count);

    /// <summary>Not the shared pool: that one keeps a buffer per thread.</summary>
    private readonly ArrayPool<byte> pool = ArrayPool<byte>.Create(Size, Count);
    private int waiting;

    /// <summary>Whether somebody waits for one.</summary>
    public bool AreWanted => Volatile.Read(ref waiting) > 0;

    /// <summary>Rents at least <paramref name="size"/> bytes; one that is larger than all buffers together waits until it is alone.</summary>
    public async Task<UploadBuffer> RentAsync(int size, CancellationToken cancellationToken)
    {
        var share = (int)Math.Min(Count, ((long)size + Size - 1) / Size);
        Interlocked.Increment(ref waiting);
        try
        {
            await TakeAsync(share, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        return new UploadBuffer(size <= Size ? pool.Rent(Size) : new byte[size], bytes => Return(bytes, share));
    }

    public void Dispose()
    {
        turn.Dispose();
        free.Dispose();
    }

    private async Task TakeAsync(int share, CancellationToken cancellationToken)
    {
        var taken = 0;
        // One takes its share at a time, in the order they came: two that wait for the rest of theirs would wait for each other.
        await turn.WaitAsync(cancellationToken);
        try
        {
            for (; taken < share; taken++)
                await free.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Release(taken);
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    private void Return(byte[] bytes, int share)
    {
        if (bytes.Length == Size)
            pool.Return(bytes);
        Release(share);
    }

    private void Release(int share)
    {
        if (share > 0)
            free.Release(share);
    }
}

/// <summary>A rented buffer.</summary>
internal sealed class UploadBuffer(byte[] bytes, Action<byte[]> giveBack) : IDisposable
{
    private Action<byte[]>? giveBack = giveBack;

    public byte[] Bytes { get; } = bytes;

    public void Dispose() => Interlocked.Exchange(ref giveBack, null)?.Invoke(Bytes);
}
