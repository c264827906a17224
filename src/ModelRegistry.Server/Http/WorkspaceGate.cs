namespace ModelRegistry.Server.Http;

/// <summary>Refuses requests that name a workspace: this server has one, and saying so beats answering from the wrong one.</summary>
internal sealed class WorkspaceGate(RequestDelegate next)
{
    private const string Header = "X-MLFLOW-WORKSPACE";

    public Task InvokeAsync(HttpContext http) =>
        string.IsNullOrWhiteSpace(http.Request.Headers[Header]) || IsServerInfo(http.Request.Path.Value!)
            ? next(http)
            : ApiExceptionHandler.WriteAsync(
                http, new ApiException(ErrorCode.FeatureDisabled, "Workspace APIs are not available: workspaces are not enabled on this server"));

    // Clients ask there whether workspaces are on, with the header already set.
    private static bool IsServerInfo(string path) => path.TrimEnd('/').EndsWith("/mlflow/server-info", StringComparison.Ordinal);
}
