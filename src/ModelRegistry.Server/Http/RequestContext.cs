using Microsoft.AspNetCore.Http.Features.Authentication;

namespace ModelRegistry.Server.Http;

/// <summary>What a call knows of its surroundings; made once per request and passed on explicitly.</summary>
/// <param name="Workspace">The workspace all registry and experiment rows of this request live in.</param>
/// <param name="User">The authenticated user; null without authentication.</param>
/// <param name="Http">The exchange itself, for the few handlers that stream or read headers.</param>
internal sealed record RequestContext(string Workspace, string? User, HttpContext Http)
{
    /// <summary>The workspace of requests that name none, and of a server that runs without workspaces.</summary>
    public const string DefaultWorkspace = "default";

    /// <summary>For work that no request asks for.</summary>
    public static RequestContext InBackground(string workspace) => new(workspace, null, new DefaultHttpContext());

    public static RequestContext Of(HttpContext http) =>
        new(http.Features.Get<ActiveWorkspace>()?.Name ?? DefaultWorkspace, http.Features.Get<IHttpAuthenticationFeature>()?.User?.Identity?.Name, http);
}
