using ModelRegistry.Server.Caching;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Hosting;

/// <summary>What every slice stands on.</summary>
internal static class HostingServices
{
    /// <param name="databases">Open; the services dispose of them.</param>
    public static IServiceCollection AddHosting(this IServiceCollection services, ServerOptions options, Databases databases)
    {
        services.AddSingleton(options).AddSingleton(TimeProvider.System);
        services.AddDatabases(databases);
        services.AddSingleton<Leases>();

        // What is added first stops last: the cache has to agree with other replicas as long as anything writes.
        services.AddCache(CacheAddress.Parse(options.Cache), options);
        services.AddSingleton<Drain>().AddHostedService(provider => provider.GetRequiredService<Drain>());
        return services;
    }
}
