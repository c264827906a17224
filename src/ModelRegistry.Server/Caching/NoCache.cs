namespace ModelRegistry.Server.Caching;

/// <summary>Keeps nothing: any number of replicas, and MLflow's own server beside them, without surprise.</summary>
internal sealed class NoCache : ICache
{
    public bool IsOn => false;

    public async ValueTask<byte[]> GetAsync(CacheKey key, Func<CancellationToken, Task<LoadedAnswer>> load, CancellationToken cancellationToken) =>
        (await load(cancellationToken)).Body;

    public Task AnnounceAsync(IReadOnlyCollection<string> groups) => Task.CompletedTask;

    public Task ForgetAsync(IReadOnlyCollection<string> groups) => Task.CompletedTask;

    public Task ForgetAllAsync() => Task.CompletedTask;
}
