using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Http;

/// <summary>Settles in which workspace a request is, before anything else looks at it.</summary>
/// <param name="resolve">Turns the header into the name of a workspace, or refuses it.</param>
internal sealed class WorkspaceGate(RequestDelegate next, Func<string?, CancellationToken, Task<string>> resolve)
{
    private const string Header = "X-MLFLOW-WORKSPACE";
    private static readonly Task<string> Default = Task.FromResult(Workspace.DefaultName);

    public Task InvokeAsync(HttpContext http)
    {
        if (IsServerInfo(http.Request.Path.Value!))
            return next(http);
        var found = resolve(http.Request.Headers[Header], http.RequestAborted);

        // Where nothing is said the default holds, and most requests are in it.
        return found.IsCompletedSuccessfully && found.Result == Workspace.DefaultName ? next(http) : EnterAsync(http, found);
    }

    private async Task EnterAsync(HttpContext http, Task<string> workspace)
    {
        http.Features.Set(new ActiveWorkspace(new Workspace(await workspace)));
        await next(http);
    }

    /// <summary>The rule of a server without workspaces: it has one, and saying so beats answering from the wrong one.</summary>
    public static Task<string> RefuseAsync(string? header, CancellationToken cancellationToken) =>
        string.IsNullOrWhiteSpace(header)
            ? Default
            : throw new ApiException(ErrorCode.FeatureDisabled, "Workspace APIs are not available: workspaces are not enabled on this server");

    // Clients ask there whether workspaces are on, with the header already set.
    private static bool IsServerInfo(string path) => path.TrimEnd('/').EndsWith("/mlflow/server-info", StringComparison.Ordinal);
}

/// <summary>The workspace of the current request.</summary>
internal sealed record ActiveWorkspace(Workspace Workspace);
