namespace ModelRegistry.Server.Http.Routing;

/// <summary>The paths that the rules for API calls are about.</summary>
internal static class ApiPaths
{
    /// <param name="prefix">The static prefix; empty for none.</param>
    public static bool IsApi(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal)
        && (path.AsSpan(prefix.Length).StartsWith("/api/") || path.AsSpan(prefix.Length).StartsWith("/ajax-api/"));
}
