using Dapper;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Data.Schema;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Registry;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server;

/// <summary>The composition root: options in, a server ready to start out.</summary>
internal static class ServerApp
{
    /// <summary>Opens the stores, brings the schema up to date and builds the server.</summary>
    /// <exception cref="StartupException">Something the operator has to mend.</exception>
    public static async Task<WebApplication> BuildAsync(ServerOptions options, CancellationToken cancellationToken = default)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(await OpenDatabaseAsync(options, cancellationToken));
        AddStores(builder.Services);
        builder.WebHost.UseKestrelCore().UseUrls($"http://{options.Host}:{options.Port}");

        var app = builder.Build();
        UsePipeline(app);
        MapRoutes(app, options);
        return app;
    }

    private static void AddStores(IServiceCollection services)
    {
        services.AddSingleton<RunLocator>().AddSingleton<LoggedModelLocator>().AddSingleton<VersionLocator>();
        services.AddSingleton<RegisteredModelStore>().AddSingleton<RegisteredModelEndpoints>();
    }

    private static void UsePipeline(WebApplication app)
    {
        IReadOnlyList<Func<Exception, ApiException?>> translators = [DatabaseErrors.Translate];
        app.UseMiddleware<ApiExceptionHandler>(translators);
        app.UseRouting();
    }

    private static void MapRoutes(WebApplication app, ServerOptions options)
    {
        var root = app.MapGroup(options.StaticPrefix);
        var rpc = new RpcRoutes(root);
        app.Services.GetRequiredService<RegisteredModelEndpoints>().Map(rpc);
        root.MapGet("/health", (HttpContext http) => http.Response.WriteAsync("OK")).AllowAnybody();
    }

    private static async Task<Database> OpenDatabaseAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        var (readers, writer) = Sqlite.Open(DatabaseUri.SqlitePath(options.BackendStoreUri), Environment.ProcessorCount * 2);
        var database = new Database(readers, writer, Sqlite.Dialect);
        await new Migrator(database, options.AllowUnknownSchema).PrepareAsync(cancellationToken);
        return database;
    }
}
