using Microsoft.Extensions.Caching.Memory;

namespace ModelRegistry.Server.Caching;

/// <summary>Keeps answers in this process, up to a number of bytes. For a server that is alone with its database.</summary>
/// <remarks>
/// A change moves the generation of its group on, and an answer counts only under the generation that was read before it was loaded. Groups
/// share generations by hash: their number is fixed, and the price is that one change in some thousands forgets a neighbour as well.
/// </remarks>
internal sealed class MemoryCache(long maxBytes) : ICache, IDisposable
{
    private const int Overhead = 200;

    private readonly long[] generations = new long[4096];
    private readonly Microsoft.Extensions.Caching.Memory.MemoryCache kept = new(new MemoryCacheOptions { SizeLimit = maxBytes, CompactionPercentage = 0.1 });

    public bool IsOn => true;

    public ValueTask<byte[]> GetAsync(CacheKey key, Func<CancellationToken, Task<LoadedAnswer>> load, CancellationToken cancellationToken)
    {
        var generation = Volatile.Read(ref GenerationOf(key.Group));
        if (kept.TryGetValue(key, out Answer? answer) && answer!.Generation == generation)
        {
            CacheMetrics.Hit();
            return ValueTask.FromResult(answer.Body);
        }

        CacheMetrics.Miss();
        return new ValueTask<byte[]>(LoadAsync(key, generation, load, cancellationToken));
    }

    /// <remarks>Nothing to do: what is loaded until the commit is forgotten right after it, and a crash forgets everything.</remarks>
    public Task AnnounceAsync(IReadOnlyCollection<string> groups) => Task.CompletedTask;

    public Task ForgetAsync(IReadOnlyCollection<string> groups)
    {
        foreach (var group in groups)
            Interlocked.Increment(ref GenerationOf(group));
        return Task.CompletedTask;
    }

    public Task ForgetAllAsync()
    {
        for (var index = 0; index < generations.Length; index++)
            Interlocked.Increment(ref generations[index]);
        return Task.CompletedTask;
    }

    public void Dispose() => kept.Dispose();

    private async Task<byte[]> LoadAsync(
        CacheKey key, long generation, Func<CancellationToken, Task<LoadedAnswer>> load, CancellationToken cancellationToken)
    {
        var (body, mayBeKept) = await load(cancellationToken);
        if (mayBeKept)
        {
            var size = body.Length + (2 * (key.Group.Length + key.Entry.Length)) + Overhead;
            kept.Set(key, new Answer(generation, body), new MemoryCacheEntryOptions { Size = size });
        }

        return body;
    }

    private ref long GenerationOf(string group) => ref generations[(uint)group.GetHashCode(StringComparison.Ordinal) % (uint)generations.Length];

    private sealed record Answer(long Generation, byte[] Body);
}
