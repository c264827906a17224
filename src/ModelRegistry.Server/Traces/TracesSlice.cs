using System.Text.Json.Serialization;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Traces.Assessments;
using ModelRegistry.Server.Traces.Metrics;
using ModelRegistry.Server.Traces.Otlp;
using ModelRegistry.Server.Traces.Search;
using ModelRegistry.Server.Traces.Spans;

namespace ModelRegistry.Server.Traces;

/// <summary>All of this folder, for the composition root.</summary>
internal static class TracesSlice
{
    public static IServiceCollection AddTraces(this IServiceCollection services)
    {
        services.AddSingleton<JsonSerializerContext>(TracesJson.Default);
        services.AddSingleton<TraceStore>().AddSingleton<SpanStore>().AddSingleton<AssessmentStore>().AddSingleton<TraceSearch>();
        services.AddSingleton<TraceEndpoints>().AddSingleton<LegacyTraceEndpoints>().AddSingleton<TraceSearchEndpoints>();
        services.AddSingleton<TraceTagEndpoints>().AddSingleton<TraceDeletion>().AddSingleton<TraceLinks>();
        services.AddSingleton<AssessmentEndpoints>().AddSingleton<OtlpEndpoint>().AddSingleton<TraceLocator>();
        services.AddSingleton<TraceMetricsStore>().AddSingleton<TraceMetricsEndpoints>();
        return services;
    }

    public static void MapTraces(this ServerRoutes routes)
    {
        routes.Of<TraceEndpoints>().Map(routes.Mlflow);
        routes.Of<LegacyTraceEndpoints>().Map(routes.Mlflow);
        routes.Of<TraceSearchEndpoints>().Map(routes.Mlflow);
        routes.Of<TraceTagEndpoints>().Map(routes.Mlflow);
        routes.Of<TraceDeletion>().Map(routes.Mlflow);
        routes.Of<TraceLinks>().Map(routes.Mlflow);
        routes.Of<AssessmentEndpoints>().Map(routes.Mlflow);
        routes.Of<TraceMetricsEndpoints>().Map(routes.Mlflow);
        routes.Of<OtlpEndpoint>().Map(routes.Root);
    }
}
