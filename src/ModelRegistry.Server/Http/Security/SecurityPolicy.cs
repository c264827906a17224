using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace ModelRegistry.Server.Http.Security;

/// <summary>Which hosts and origins are trusted; defaults and matching are MLflow's.</summary>
internal sealed partial class SecurityPolicy
{
    private static readonly string[] LocalHosts = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"];
    private static readonly HashSet<string> LocalOriginHosts = ["localhost", "127.0.0.1", "[::1]"];

    private static readonly string[] DefaultHosts =
    [
        .. LocalHosts, .. LocalHosts.Select(host => host + ":*"),
        "192.168.*", "10.*", .. Enumerable.Range(16, 16).Select(part => $"172.{part}.*"), "fc00:*", "fd00:*",
    ];

    private readonly IReadOnlyList<string> hosts;
    private readonly IReadOnlyList<string> origins;
    private volatile string? lastAllowed;

    /// <param name="hosts">Accepted Host headers; null for those of this machine and of private networks.</param>
    /// <param name="origins">Origins of browsers that may call, besides those of this machine.</param>
    /// <param name="frameOptions">SAMEORIGIN, DENY or NONE.</param>
    public SecurityPolicy(IReadOnlyList<string>? hosts, IReadOnlyList<string> origins, string frameOptions)
    {
        this.hosts = hosts is { Count: > 0 } ? hosts : DefaultHosts;
        this.origins = origins;
        AllowsEveryHost = this.hosts.Contains("*");
        AllowsEveryOrigin = origins.Contains("*");
        FrameOptions = frameOptions == "NONE" ? null : frameOptions;
    }

    public bool AllowsEveryHost { get; }

    public bool AllowsEveryOrigin { get; }

    /// <summary>The X-Frame-Options header; null for none.</summary>
    public string? FrameOptions { get; }

    public bool IsHostAllowed(string host)
    {
        // Nearly every request names the host that the one before named.
        if (host == lastAllowed)
            return true;
        if (host.Length == 0 || !(AllowsEveryHost || hosts.Any(allowed => Matches(allowed, host))))
            return false;
        lastAllowed = host;
        return true;
    }

    /// <summary>Whether a browser page of this origin is told that it may read answers.</summary>
    public bool IsOriginAllowed(string origin) => AllowsEveryOrigin || origins.Contains(origin) || LocalOrigin().IsMatch(origin);

    /// <summary>Whether a call that changes something is refused because of where it comes from.</summary>
    public bool IsWriteBlocked(string origin) =>
        origin.Length > 0 && !AllowsEveryOrigin && !IsFromThisMachine(origin) && !origins.Any(allowed => Matches(allowed, origin));

    private static bool IsFromThisMachine(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && LocalOriginHosts.Contains(uri.Host);

    private static bool Matches(string pattern, string text) => pattern.Contains('*', StringComparison.Ordinal)
        ? FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false)
        : pattern == text;

    [GeneratedRegex(@"^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?\z")]
    private static partial Regex LocalOrigin();
}
