using System.Text.Json.Serialization;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Registry;

/// <summary>All of this folder, for the composition root.</summary>
internal static class RegistrySlice
{
    public static IServiceCollection AddRegistry(this IServiceCollection services)
    {
        services.AddSingleton<JsonSerializerContext>(RegistryJson.Default);
        services.AddRegistryStore<ModelCache>().AddRegistryStore<VersionLocator>().AddRegistryStore<VersionIntegrity>();
        services.AddRegistryStore<RegisteredModelStore>().AddSingleton<RegisteredModelEndpoints>();
        services.AddRegistryStore<ModelVersionStore>().AddSingleton<SourceRules>().AddSingleton<ModelSource>().AddSingleton<ModelVersionEndpoints>();
        services.AddRegistryStore<AliasStore>().AddSingleton<AliasEndpoints>();
        services.AddSingleton<TagStore>().AddSingleton<TagEndpoints>();
        services.AddRegistryStore<RegisteredModelSearch>().AddRegistryStore<ModelVersionSearch>().AddSingleton<SearchEndpoints>();
        return services;
    }

    public static void MapRegistry(this ServerRoutes routes)
    {
        routes.Of<RegisteredModelEndpoints>().Map(routes.Mlflow);
        routes.Of<ModelVersionEndpoints>().Map(routes.Mlflow);
        routes.Of<AliasEndpoints>().Map(routes.Mlflow);
        routes.Of<TagEndpoints>().Map(routes.Mlflow);
        routes.Of<SearchEndpoints>().Map(routes.Mlflow);
    }
}
