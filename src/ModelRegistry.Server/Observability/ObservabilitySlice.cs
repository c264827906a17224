using System.Text.Json.Serialization;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Observability;

/// <summary>All of this folder, for the composition root.</summary>
internal static class ObservabilitySlice
{
    /// <summary>Adds what lets others look into the server; nothing of it works where nothing asks for it.</summary>
    public static IServiceCollection AddObservability(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<JsonSerializerContext>(ObservabilityJson.Default);
        services.AddMetrics();
        services.AddSingleton<Readiness>().AddSingleton<EntityCounts>().AddSingleton<ServerInfoEndpoints>();
        services.AddSingleton(_ => Telemetry.Start(Environment.GetEnvironmentVariable));
        if (options.LogsJson)
            services.AddSingleton<IHttpContextFactory, LoggedContextFactory>();
        if (options.ExposeMetrics)
            services.AddSingleton<MetricsCollector>().AddSingleton<MetricsEndpoint>();
        if (options.SlowQuery is not null)
            services.AddHttpContextAccessor();
        return services;
    }

    /// <summary>In front of everything else.</summary>
    public static void UseObservability(this WebApplication app, ServerOptions options)
    {
        var telemetry = app.Services.GetRequiredService<Telemetry>();
        app.Services.GetRequiredService<EntityCounts>();
        if (options.ExposeMetrics)
            app.Services.GetRequiredService<MetricsCollector>();
        if (options.SlowQuery is not null || telemetry.HasTraces)
            WatchStatements(app.Services, options.SlowQuery);
        app.Use(RequestIds.AssignAsync);
        if (telemetry.HasTraces)
            app.Use(Telemetry.NameSpanAsync);
    }

    public static void MapObservability(this ServerRoutes routes, ServerOptions options)
    {
        routes.Of<ServerInfoEndpoints>().Map(routes.Mlflow);
        foreach (var probes in routes.Probes)
        {
            ServerInfoEndpoints.MapProbes(probes);
            routes.Of<Readiness>().Map(probes);
            if (options.ExposeMetrics)
                routes.Of<MetricsEndpoint>().Map(probes);
        }
    }

    /// <param name="limit">null for no log of slow statements.</param>
    private static void WatchStatements(IServiceProvider services, TimeSpan? limit)
    {
        var requests = services.GetService<IHttpContextAccessor>();
        var logger = services.GetRequiredService<ILogger<StatementWatch>>();
        var stores = services.GetRequiredService<Databases>();
        foreach (var database in (Database[])[stores.Tracking, stores.Registry])
            database.StatementWatch = new StatementWatch(limit, database.Dialect, () => requests?.HttpContext?.TraceIdentifier, logger);
    }
}
