using System.Text.Json.Serialization;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Workspaces;

/// <summary>All of this folder, for the composition root.</summary>
internal static class WorkspacesSlice
{
    public static IServiceCollection AddWorkspaces(this IServiceCollection services)
    {
        services.AddSingleton<JsonSerializerContext>(WorkspacesJson.Default);
        services.AddSingleton<WorkspaceWriter>().AddSingleton<WorkspaceStore>().AddSingleton<WorkspaceResolver>().AddSingleton<WorkspaceRemoval>().AddSingleton<WorkspaceEndpoints>();
        return services;
    }

    /// <summary>Settles in which workspace a request is.</summary>
    public static void UseWorkspaces(this WebApplication app, ServerOptions options)
    {
        Func<string?, CancellationToken, Task<string>> resolve =
            options.EnableWorkspaces ? app.Services.GetRequiredService<WorkspaceResolver>().ResolveAsync : WorkspaceGate.RefuseAsync;
        app.UseMiddleware<WorkspaceGate>(resolve);
    }

    public static void MapWorkspaces(this ServerRoutes routes, ServerOptions options)
    {
        if (options.EnableWorkspaces)
            routes.Of<WorkspaceEndpoints>().Map(routes.Mlflow);
        else
            NoWorkspaces.Map(routes.Root);
    }

    /// <summary>Before the first request: the workspace of those that name none.</summary>
    public static Task PrepareWorkspacesAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<WorkspaceStore>().EnsureDefaultAsync(cancellationToken);
}
