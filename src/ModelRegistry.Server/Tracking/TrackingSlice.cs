using System.Text.Json.Serialization;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Tracking.Experiments;
using ModelRegistry.Server.Tracking.Inputs;
using ModelRegistry.Server.Tracking.LoggedModels;
using ModelRegistry.Server.Tracking.Metrics;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Tracking;

/// <summary>All of this folder, for the composition root.</summary>
internal static class TrackingSlice
{
    public static IServiceCollection AddTracking(this IServiceCollection services)
    {
        services.AddSingleton<JsonSerializerContext>(TrackingJson.Default);
        services.AddSingleton<ExperimentStore>().AddSingleton<ExperimentTagStore>().AddSingleton<ExperimentEndpoints>();
        services.AddSingleton<TrackingWriter>().AddSingleton<RunLocator>().AddSingleton<RunStore>().AddSingleton<RunEndpoints>();
        services.AddSingleton<RunWriter>().AddSingleton<ParamStore>().AddSingleton<RunTagStore>().AddSingleton<RunRules>().AddSingleton<RunLogEndpoints>();
        services.AddSingleton<ExperimentSearch>().AddSingleton<RunSearch>().AddSingleton<TrackingSearchEndpoints>();
        services.AddSingleton<InputStore>().AddSingleton<InputEndpoints>().AddSingleton<DatasetStore>().AddSingleton<DatasetEndpoints>();
        services.AddSingleton<LoggedModelLocator>().AddSingleton<LoggedModelStore>().AddSingleton<LoggedModelPairStore>().AddSingleton<LoggedModelEndpoints>();
        services.AddSingleton<LoggedModelSearch>().AddSingleton<LoggedModelSearchEndpoints>();
        services.AddSingleton<MetricHistoryStore>().AddSingleton<MetricHistoryEndpoints>();
        return services;
    }

    public static void MapTracking(this ServerRoutes routes)
    {
        routes.Of<ExperimentEndpoints>().Map(routes.Mlflow);
        routes.Of<RunEndpoints>().Map(routes.Mlflow);
        routes.Of<RunLogEndpoints>().Map(routes.Mlflow);
        routes.Of<TrackingSearchEndpoints>().Map(routes.Mlflow);
        routes.Of<InputEndpoints>().Map(routes.Mlflow);
        routes.Of<DatasetEndpoints>().Map(routes.Mlflow);
        routes.Of<LoggedModelEndpoints>().Map(routes.Mlflow);
        routes.Of<LoggedModelSearchEndpoints>().Map(routes.Mlflow);
        routes.Of<MetricHistoryEndpoints>().Map(routes.Mlflow);
    }

    /// <summary>Before the first request: the experiment that runs belong to when nothing else is said.</summary>
    public static Task PrepareTrackingAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<ExperimentStore>().EnsureDefaultAsync(cancellationToken);
}
