using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Observability;

internal static class ObservabilitySlice
{
    /// <summary>Adds what lets others look into the server; nothing of it works where nothing asks for it.</summary>
    public static void AddObservability(this IServiceCollection services, ServerOptions options)
    {
        services.AddMetrics();
        services.AddSingleton<Readiness>().AddSingleton<EntityCounts>();
        services.AddSingleton(_ => Telemetry.Start(Environment.GetEnvironmentVariable));
        if (options.LogsJson)
            services.AddSingleton<IHttpContextFactory, LoggedContextFactory>();
        if (options.ExposeMetrics)
            services.AddSingleton<MetricsCollector>().AddSingleton<MetricsEndpoint>();
        if (options.SlowQuery is not null)
            services.AddHttpContextAccessor();
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

    /// <param name="root">Routes below the static prefix.</param>
    /// <param name="bare">Routes without it, for probes that know of none.</param>
    public static void MapObservability(this IServiceProvider services, IEndpointRouteBuilder root, IEndpointRouteBuilder bare, ServerOptions options)
    {
        foreach (var routes in options.StaticPrefix.Length > 0 ? (IEndpointRouteBuilder[])[root, bare] : [root])
        {
            services.GetRequiredService<Readiness>().Map(routes);
            if (options.ExposeMetrics)
                services.GetRequiredService<MetricsEndpoint>().Map(routes);
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
