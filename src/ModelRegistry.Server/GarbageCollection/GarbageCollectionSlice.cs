namespace ModelRegistry.Server.GarbageCollection;

/// <summary>All of this folder, for the composition root; it has no routes.</summary>
internal static class GarbageCollectionSlice
{
    public static IServiceCollection AddGarbageCollection(this IServiceCollection services) =>
        services.AddSingleton<GarbageCollector>().AddHostedService<GcRounds>();
}
