using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Workspaces;

/// <summary>The calls of <see cref="WorkspaceEndpoints"/> where the server runs without workspaces.</summary>
internal static class NoWorkspaces
{
    /// <param name="root">Routes below the static prefix.</param>
    public static void Map(IEndpointRouteBuilder root)
    {
        foreach (var api in (string[])["/api/3.0", "/ajax-api/3.0"])
        {
            root.MapMethods($"{api}/mlflow/workspaces", ["GET", "HEAD", "POST"], RefuseAsync).RequirePermission(Permission.Authenticated, Resource.Server);
            root.MapMethods($"{api}/mlflow/workspaces/{{workspace_name}}", ["GET", "HEAD", "PATCH", "DELETE"], RefuseAsync)
                .RequirePermission(Permission.Authenticated, Resource.Server);
        }
    }

    private static Task RefuseAsync(HttpContext http) => HtmlPages.WriteAsync(
        http, 503,
        $"Endpoint: {FlaskRule.Of((RouteEndpoint)http.GetEndpoint()!)} disabled because the server is running without workspaces support. "
        + "To enable workspace, run `mlflow server` with `--enable-workspaces`");
}
