using System.Text.Json.Serialization;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Ui.GraphQl;
using ModelRegistry.Server.Ui.PromptLab;

namespace ModelRegistry.Server.Ui;

/// <summary>All of this folder, for the composition root.</summary>
internal static class UiSlice
{
    public static IServiceCollection AddUi(this IServiceCollection services)
    {
        services.AddSingleton<JsonSerializerContext>(UiJson.Default);
        services.AddSingleton<RunExtras>().AddSingleton<RootFields>().AddSingleton<GraphQlEndpoint>();
        services.AddSingleton<PromptLabEndpoint>().AddSingleton<WebPages>();
        return services;
    }

    public static void MapUi(this ServerRoutes routes)
    {
        routes.Of<GraphQlEndpoint>().Map(routes.Root);
        routes.Of<PromptLabEndpoint>().Map(routes.Mlflow);
        routes.Of<WebPages>().Map(routes.Root);
        EmptyAreas.Map(routes.Root);
        UiTelemetry.Map(routes.Root);
    }
}
