using ModelRegistry.Server.Caching;
using ModelRegistry.Server.Caching.Redis;

namespace ModelRegistry.Server.Hosting;

internal static class CacheServices
{
    /// <summary>Adds the cache that the command line names; one in Redis agrees with the other replicas through the registry's database.</summary>
    public static void AddCache(this IServiceCollection services, CacheAddress address, ServerOptions options)
    {
        switch (address)
        {
            case RedisAddress redis when !options.ArtifactsOnly:
                services.AddSingleton(redis).AddSingleton<RedisConnection>().AddSingleton<CacheTermsStore>();
                services.AddSingleton<CacheCoordinator>().AddHostedService(provider => provider.GetRequiredService<CacheCoordinator>());
                services.AddSingleton<ICache, RedisCache>();
                break;
            case CacheAddress.Memory when !options.ArtifactsOnly:
                services.AddSingleton<ICache>(_ => new MemoryCache(options.CacheMemoryBytes));
                break;
            default:
                services.AddSingleton<ICache, NoCache>();
                break;
        }
    }
}
