using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Evaluation;
using ModelRegistry.Server.GarbageCollection;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Http.Security;
using ModelRegistry.Server.Observability;
using ModelRegistry.Server.OpenApi;
using ModelRegistry.Server.Registry;
using ModelRegistry.Server.Traces;
using ModelRegistry.Server.Tracking;
using ModelRegistry.Server.Ui;
using ModelRegistry.Server.Webhooks;
using ModelRegistry.Server.Workspaces;

namespace ModelRegistry.Server;

/// <summary>The composition root: options in, a server ready to start out.</summary>
internal static class ServerApp
{
    /// <summary>Opens the databases, brings their schema up to date and builds the server.</summary>
    /// <exception cref="StartupException">Something the operator has to mend.</exception>
    public static async Task<WebApplication> BuildAsync(ServerOptions options, CancellationToken cancellationToken = default)
    {
        // What can be refused without a database is refused before one is changed.
        WorkspaceMode.Check(options);
        WebhookSecrets.Check(options.Webhooks);
        if (options.ServeArtifacts && ArtifactFolder.IsFolder(options.ArtifactsDestination))
            ArtifactFolder.Prepare(options.ArtifactsDestination);
        var databases = await Databases.OpenAsync(options, cancellationToken);

        // The empty builder reads no configuration files or variables that the command line does not know of.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var logs = new Logs();
        logs.Configure(builder, options);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTime + options.ShutdownTimeout);
        builder.WebHost.UseKestrelCore().UseSockets(Listener.Configure).ConfigureKestrel(kestrel => Listener.Configure(kestrel, options));
        AddSlices(builder.Services, options, databases);

        var app = builder.Build();
        logs.Watch(app);
        UsePipeline(app, options);
        MapSlices(app, options);
        if (!options.ArtifactsOnly)
        {
            await app.Services.PrepareWorkspacesAsync(cancellationToken);
            await app.Services.PrepareTrackingAsync(cancellationToken);
        }

        if (options.ServeArtifacts)
            await app.Services.ProbeArtifactsAsync(cancellationToken);
        return app;
    }

    /// <summary>The services of a server for a command that runs beside one, or without: nothing listens and nothing runs in the background.</summary>
    /// <exception cref="StartupException">A database is not there or cannot be used.</exception>
    public static async Task<ServiceProvider> OpenWithoutServerAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        options = options with { ArtifactsOnly = false };
        Databases.RequireDatabases(options);
        var services = new ServiceCollection();
        services.AddLogging();
        AddSlices(services, options, await Databases.OpenAsync(options, cancellationToken));
        return services.BuildServiceProvider();
    }

    private static void AddSlices(IServiceCollection services, ServerOptions options, Databases databases) => services
        .AddHosting(options, databases)
        .AddHttp()
        .AddAudit()
        .AddRegistry()
        .AddTracking()
        .AddTraces()
        .AddEvaluation()
        .AddArtifacts()
        .AddWebhooks(options)
        .AddWorkspaces()
        .AddUi()
        .AddGarbageCollection()
        .AddObservability(options)
        .AddApiDescription(options);

    /// <summary>What a request passes, in this order, which is MLflow's.</summary>
    private static void UsePipeline(WebApplication app, ServerOptions options)
    {
        IReadOnlyList<Func<Exception, ApiException?>> translators = [DatabaseErrors.Translate, FilterErrors.Translate, StoreErrors.Translate];
        app.UseObservability(options);
        app.Use(app.Services.GetRequiredService<Drain>().InvokeAsync);
        app.UseMiddleware<ApiExceptionHandler>(translators);
        app.UseWorkspaces(options);
        if (!options.DisableSecurityMiddleware)
        {
            var policy = new SecurityPolicy(options.AllowedHosts, options.CorsAllowedOrigins, options.XFrameOptions);
            app.UseMiddleware<SecurityMiddleware>(policy, options.StaticPrefix);
        }

        app.UseMiddleware<ApiExceptionHandler>(translators);
        app.Use(ArtifactTarget.Find);
        app.UseRouting();
        app.UseMiddleware<UnmatchedRoutes>(((IEndpointRouteBuilder)app).DataSources, options.StaticPrefix);
        if (!options.ServeArtifacts || options.ArtifactsOnly)
            app.UseMiddleware<ServerMode>(options.ServeArtifacts, options.ArtifactsOnly);
    }

    private static void MapSlices(WebApplication app, ServerOptions options)
    {
        var routes = new ServerRoutes(app, options.StaticPrefix);
        routes.MapRegistry();
        routes.MapTracking();
        routes.MapEvaluation();
        routes.MapTraces();
        routes.MapArtifacts();
        routes.MapUi();
        routes.MapWebhooks();
        routes.MapWorkspaces(options);
        routes.MapObservability(options);
        routes.MapApiDescription(options);
        RoutePermissions.Check(((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints));
    }
}
