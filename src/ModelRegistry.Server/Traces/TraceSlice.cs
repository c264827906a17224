using ModelRegistry.Server.Http;
using ModelRegistry.Server.Traces.Metrics;

namespace ModelRegistry.Server.Traces;

/// <summary>All of this folder, for the composition root.</summary>
internal static class TraceSlice
{
    public static void AddTraces(this IServiceCollection services)
    {
        services.AddSingleton<TraceStore>().AddSingleton<SpanStore>().AddSingleton<AssessmentStore>().AddSingleton<TraceSearch>();
        services.AddSingleton<TraceEndpoints>().AddSingleton<LegacyTraceEndpoints>().AddSingleton<TraceSearchEndpoints>();
        services.AddSingleton<TraceTagEndpoints>().AddSingleton<TraceDeletion>().AddSingleton<TraceLinks>();
        services.AddSingleton<AssessmentEndpoints>().AddSingleton<OtlpEndpoint>().AddSingleton<TraceLocator>();
        services.AddSingleton<TraceMetricsStore>().AddSingleton<TraceMetricsEndpoints>();
    }

    /// <param name="root">For the route that is not one of MLflow's API calls.</param>
    public static void MapTraces(this IServiceProvider services, IEndpointRouteBuilder root, RpcRoutes rpc)
    {
        services.GetRequiredService<TraceEndpoints>().Map(rpc);
        services.GetRequiredService<LegacyTraceEndpoints>().Map(rpc);
        services.GetRequiredService<TraceSearchEndpoints>().Map(rpc);
        services.GetRequiredService<TraceTagEndpoints>().Map(rpc);
        services.GetRequiredService<TraceDeletion>().Map(rpc);
        services.GetRequiredService<TraceLinks>().Map(rpc);
        services.GetRequiredService<AssessmentEndpoints>().Map(rpc);
        services.GetRequiredService<TraceMetricsEndpoints>().Map(rpc);
        services.GetRequiredService<OtlpEndpoint>().Map(root);
    }
}
