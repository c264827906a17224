using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Net.Http.Headers;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Http;

/// <summary>What a call knows of its surroundings; made once per request and passed on explicitly. Stores get the parts that concern them.</summary>
/// <param name="Workspace">The workspace all registry and experiment rows of this request live in.</param>
/// <param name="User">The authenticated user; null without authentication.</param>
/// <param name="Http">The exchange itself, for the few handlers that stream or read headers.</param>
internal sealed record RequestContext(Workspace Workspace, string? User, HttpContext Http)
{
    // Clients may send kilobytes of this, and it is written down with every change.
    private const int MaxClient = 256;

    /// <summary>For what changes something.</summary>
    public Caller Caller => new(
        Workspace,
        User ?? Caller.Unknown,
        Http.TraceIdentifier,
        Http.Connection.RemoteIpAddress?.ToString(),
        Http.Request.Headers[HeaderNames.UserAgent].ToString() is { Length: > 0 } client ? client[..Math.Min(client.Length, MaxClient)] : null);

    public static RequestContext Of(HttpContext http) => new(
        http.Features.Get<ActiveWorkspace>()?.Workspace ?? new Workspace(Workspace.DefaultName),
        http.Features.Get<IHttpAuthenticationFeature>()?.User?.Identity?.Name,
        http);
}
