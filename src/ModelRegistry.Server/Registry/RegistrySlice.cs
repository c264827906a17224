using System.Text.Json.Serialization;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Registry;

/// <summary>All of this folder, for the composition root.</summary>
internal static class RegistrySlice
{
    public static IServiceCollection AddRegistry(this IServiceCollection services)
    {
        services.AddSingleton<JsonSerializerContext>(RegistryJson.Default);
        services.AddSingleton<RegistryWriter>().AddSingleton<ModelCache>().AddSingleton<VersionLocator>().AddSingleton<VersionIntegrity>();
        services.AddSingleton<RegisteredModelStore>().AddSingleton<RegisteredModelEndpoints>();
        services.AddSingleton<ModelVersionStore>().AddSingleton<SourceRules>().AddSingleton<ModelSource>().AddSingleton<ModelVersionEndpoints>();
        services.AddSingleton<AliasStore>().AddSingleton<AliasEndpoints>();
        services.AddSingleton<TagStore>().AddSingleton<TagEndpoints>();
        services.AddSingleton<RegisteredModelSearch>().AddSingleton<ModelVersionSearch>().AddSingleton<SearchEndpoints>();
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
