using System.Text.Json.Serialization;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Direct;
using ModelRegistry.Server.Artifacts.Integrity;
using ModelRegistry.Server.Artifacts.Local;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Caching;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Evaluation;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.GarbageCollection;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Observability;
using ModelRegistry.Server.Registry;
using ModelRegistry.Server.Traces;
using ModelRegistry.Server.Tracking;
using ModelRegistry.Server.Ui;
using ModelRegistry.Server.Ui.GraphQl;
using ModelRegistry.Server.Ui.PromptLab;
using ModelRegistry.Server.Webhooks;
using ModelRegistry.Server.Workspaces;

namespace ModelRegistry.Server;

/// <summary>The composition root: options in, a server ready to start out.</summary>
internal static class ServerApp
{
    private static readonly JsonSerializerContext[] Records =
    [
        HttpJson.Default, RegistryJson.Default, TrackingJson.Default, TracesJson.Default, EvaluationJson.Default, ArtifactsJson.Default,
        UiJson.Default, WebhooksJson.Default, WorkspacesJson.Default, ServerJson.Default,
    ];

    /// <summary>Opens the stores, brings the schema up to date and builds the server.</summary>
    /// <exception cref="StartupException">Something the operator has to mend.</exception>
    public static async Task<WebApplication> BuildAsync(ServerOptions options, CancellationToken cancellationToken = default)
    {
        WorkspaceMode.Check(options);
        if (options.ServeArtifacts && ArtifactFolder.IsFolder(options.ArtifactsDestination))
            ArtifactFolder.Prepare(options.ArtifactsDestination);
        var secrets = WebhookSecrets.Of(options.Webhooks, TimeProvider.System);
        var stores = await Databases.OpenAsync(options, cancellationToken);

        // The empty builder reads no configuration files or variables that the command line does not know of.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var logs = new Logs();
        logs.Configure(builder, options);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTime + options.ShutdownTimeout);
        builder.WebHost.UseKestrelCore().UseSockets(Listener.Configure).ConfigureKestrel(kestrel => Listener.Configure(kestrel, options));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(options).AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(_ => stores).AddSingleton(provider => provider.GetRequiredService<Databases>().Tracking);
        builder.Services.AddSingleton(secrets);
        builder.Services.AddCache(CacheAddress.Parse(options.Cache), options);
        builder.Services.AddSingleton<Drain>().AddHostedService(provider => provider.GetRequiredService<Drain>());
        builder.Services.AddSingleton(new WireJson(Records));
        AddStores(builder.Services);
        builder.Services.AddObservability(options);

        var app = builder.Build();
        logs.Watch(app);
        app.UseObservability(options);
        UsePipeline(app, options);
        MapRoutes(app, options);
        if (!options.ArtifactsOnly)
            await PrepareStoresAsync(app.Services, cancellationToken);
        if (options.ServeArtifacts)
            await ProbeAsync(app.Services, cancellationToken);
        return app;
    }

    /// <summary>A folder was tried before; a bucket is tried now.</summary>
    private static async Task ProbeAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<ArtifactStores>().Destination.Store is LocalBlobStore)
            return;
        try
        {
            await services.GetRequiredService<StoreProbe>().RunAsync(cancellationToken);
        }
        catch (StoreException e) when (!e.IsTemporary)
        {
            throw new StartupException(StoreErrors.Explain(e));
        }
        catch (StoreException e)
        {
            // Models can be looked up without it; it may be back before the first file is asked for.
            Console.Error.WriteLine($"warning: {StoreErrors.Explain(e)} Direct transfers are off until the next start.");
        }
    }

    private static async Task PrepareStoresAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<WorkspaceStore>().EnsureDefaultAsync(cancellationToken);
        await services.GetRequiredService<ExperimentStore>().EnsureDefaultAsync(cancellationToken);
    }

    private static void AddStores(IServiceCollection services)
    {
        services.AddSingleton<RunLocator>().AddSingleton<LoggedModelLocator>().AddRegistryStore<VersionLocator>();
        services.AddSingleton<ExperimentStore>().AddSingleton<ExperimentTagStore>().AddSingleton<ExperimentEndpoints>();
        services.AddSingleton<RunStore>().AddSingleton<RunEndpoints>();
        services.AddSingleton<RunWriter>().AddSingleton<ParamStore>().AddSingleton<RunTagStore>().AddSingleton<RunRules>().AddSingleton<RunLogEndpoints>();
        services.AddSingleton<ExperimentSearch>().AddSingleton<RunSearch>().AddSingleton<TrackingSearchEndpoints>();
        services.AddSingleton<InputStore>().AddSingleton<InputEndpoints>();
        services.AddRegistryStore<ModelCache>();
        services.AddRegistryStore<RegisteredModelStore>().AddRegistryStore<ModelVersionStore>().AddRegistryStore<AliasStore>().AddSingleton<TagStore>();
        services.AddRegistryStore<RegisteredModelSearch>().AddRegistryStore<ModelVersionSearch>().AddSingleton<SearchEndpoints>();
        services.AddSingleton<RegisteredModelEndpoints>().AddSingleton<ModelVersionEndpoints>().AddSingleton<AliasEndpoints>();
        services.AddSingleton<TagEndpoints>().AddSingleton<SourceRules>().AddSingleton<ModelSource>();
        services.AddSingleton<LoggedModelStore>().AddSingleton<LoggedModelPairStore>().AddSingleton<LoggedModelEndpoints>();
        services.AddSingleton<LoggedModelSearch>().AddSingleton<LoggedModelSearchEndpoints>();
        services.AddSingleton<DatasetStore>().AddSingleton<DatasetEndpoints>().AddSingleton<MetricHistoryStore>().AddSingleton<MetricHistoryEndpoints>();
        services.AddEvaluation();
        services.AddTraces();
        services.AddSingleton<BlobStoreFactory>().AddSingleton<ArtifactLedger>().AddSingleton<VersionPlaces>().AddSingleton<ArtifactStores>().AddHostedService<LeftoverSweep>();
        services.AddSingleton<DirectTransfers>().AddSingleton<StoreProbe>().AddSingleton<MultipartUploadEndpoints>().AddSingleton<SignedAddressEndpoints>();
        services.AddRegistryStore<VersionIntegrity>().AddSingleton<VersionVerifier>().AddSingleton<Verification>().AddSingleton<ManifestEndpoints>();
        services.AddHostedService<IntegrityRounds>();
        services.AddSingleton<RpcCalls>().AddSingleton<RunExtras>().AddSingleton<RootFields>().AddSingleton<GraphQlEndpoint>();
        services.AddSingleton<RunArtifactWriter>().AddSingleton<PromptLabEndpoint>().AddSingleton<WebPages>();
        services.AddSingleton<ArtifactProxyEndpoints>().AddSingleton<RunArtifactEndpoints>().AddSingleton<ModelArtifactEndpoints>();
        services.AddSingleton<DeliverySignal>().AddSingleton<Outbox>().AddSingleton<WebhookTargets>().AddSingleton<WebhookSender>();
        services.AddRegistryStore<WebhookStore>().AddRegistryStore<DeliveryStore>().AddSingleton<WebhookTest>();
        services.AddSingleton<WebhookEndpoints>().AddSingleton<DeliveryEndpoints>();
        services.AddSingleton<Leases>().AddSingleton<WorkspaceStore>().AddSingleton<WorkspaceResolver>().AddSingleton<WorkspaceRemoval>().AddSingleton<WorkspaceEndpoints>();
        services.AddHostedService<SecretCheck>().AddHostedService<WebhookDispatcher>();
        services.AddSingleton<TraceArtifactEndpoints>();
        services.AddSingleton<GarbageCollector>().AddHostedService<GcRounds>();
    }

    private static void UsePipeline(WebApplication app, ServerOptions options)
    {
        IReadOnlyList<Func<Exception, ApiException?>> translators = [DatabaseErrors.Translate, FilterErrors.Translate, StoreErrors.Translate];
        Func<string?, CancellationToken, Task<string>> workspaces =
            options.EnableWorkspaces ? app.Services.GetRequiredService<WorkspaceResolver>().ResolveAsync : WorkspaceGate.RefuseAsync;
        app.Use(app.Services.GetRequiredService<Drain>().InvokeAsync);
        app.UseMiddleware<ApiExceptionHandler>(translators);
        app.UseMiddleware<WorkspaceGate>(workspaces);
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

    private static void MapRoutes(WebApplication app, ServerOptions options)
    {
        var root = app.MapGroup(options.StaticPrefix);
        var json = app.Services.GetRequiredService<WireJson>();
        var rpc = new RpcRoutes(root, json);
        app.Services.GetRequiredService<RegisteredModelEndpoints>().Map(rpc);
        app.Services.GetRequiredService<ModelVersionEndpoints>().Map(rpc);
        app.Services.GetRequiredService<AliasEndpoints>().Map(rpc);
        app.Services.GetRequiredService<TagEndpoints>().Map(rpc);
        app.Services.GetRequiredService<SearchEndpoints>().Map(rpc);
        app.Services.GetRequiredService<ExperimentEndpoints>().Map(rpc);
        app.Services.GetRequiredService<RunEndpoints>().Map(rpc);
        app.Services.GetRequiredService<RunLogEndpoints>().Map(rpc);
        app.Services.GetRequiredService<TrackingSearchEndpoints>().Map(rpc);
        app.Services.GetRequiredService<InputEndpoints>().Map(rpc);
        app.Services.GetRequiredService<DatasetEndpoints>().Map(rpc);
        app.Services.GetRequiredService<LoggedModelEndpoints>().Map(rpc);
        app.Services.GetRequiredService<LoggedModelSearchEndpoints>().Map(rpc);
        app.Services.GetRequiredService<MetricHistoryEndpoints>().Map(rpc);
        app.Services.MapEvaluation(rpc);
        app.Services.MapTraces(root, rpc);
        var proxy = new RpcRoutes(root, json, "mlflow-artifacts");
        app.Services.GetRequiredService<ArtifactProxyEndpoints>().Map(proxy);
        app.Services.GetRequiredService<MultipartUploadEndpoints>().Map(proxy);
        app.Services.GetRequiredService<SignedAddressEndpoints>().Map(rpc, proxy);
        app.Services.GetRequiredService<RunArtifactEndpoints>().Map(root, rpc);
        app.Services.GetRequiredService<ModelArtifactEndpoints>().Map(root, rpc);
        app.Services.GetRequiredService<TraceArtifactEndpoints>().Map(root);
        app.Services.GetRequiredService<GraphQlEndpoint>().Map(root);
        app.Services.GetRequiredService<PromptLabEndpoint>().Map(rpc);
        app.Services.GetRequiredService<WebPages>().Map(root);
        EmptyAreas.Map(root);
        app.Services.GetRequiredService<WebhookEndpoints>().Map(rpc);
        var own = new RpcRoutes(root, json, "modelregistry");
        app.Services.GetRequiredService<DeliveryEndpoints>().Map(own);
        app.Services.GetRequiredService<ManifestEndpoints>().Map(own);
        ServerEndpoints.Map(rpc, options.EnableWorkspaces, app.Services.GetRequiredService<DirectTransfers>());
        if (options.EnableWorkspaces)
            app.Services.GetRequiredService<WorkspaceEndpoints>().Map(rpc);
        else
            ServerEndpoints.MapNoWorkspaces(root);
        ServerEndpoints.Map(root, app, options.StaticPrefix);
        app.Services.MapObservability(root, app, options);
        RoutePermissions.Check(((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints));
    }
}
