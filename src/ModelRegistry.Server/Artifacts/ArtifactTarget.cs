using Microsoft.AspNetCore.Http.Features;

namespace ModelRegistry.Server.Artifacts;

/// <summary>The artifact path of a proxy call exactly as it stands in the request line.</summary>
/// <remarks>
/// Kestrel decodes the path, all but <c>%2F</c>, and resolves <c>..</c> before routing sees it; both would hide from the checks what was asked
/// for. So for these calls the path that is routed is the one of the request line, untouched.
/// </remarks>
internal sealed record ArtifactTarget(string Raw)
{
    private const string Folder = "/mlflow-artifacts/";
    private static readonly string[] Versions = ["/api/2.0", "/ajax-api/2.0", "/preview"];
    private static readonly string[] Calls = ["artifacts/", "mpu/create/", "mpu/complete/", "mpu/abort/", "presigned/"];

    /// <summary>Goes before routing.</summary>
    public static Task Find(HttpContext http, RequestDelegate next)
    {
        var raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (raw.Contains(Folder, StringComparison.Ordinal) && PathOf(raw) is var line && Find(line) is { } target)
        {
            http.Features.Set(target);
            http.Request.Path = line;
        }

        return next(http);
    }

    /// <returns>null when this is no call with an artifact path.</returns>
    public static ArtifactTarget? Find(string path)
    {
        var at = path.IndexOf(Folder, StringComparison.Ordinal);
        if (at < 0 || !Versions.Any(version => path.AsSpan(0, at).EndsWith(version, StringComparison.Ordinal)))
            return null;
        var rest = path[(at + Folder.Length)..];
        return Calls.FirstOrDefault(call => rest.StartsWith(call, StringComparison.Ordinal)) is { } call
            ? new ArtifactTarget(rest[call.Length..])
            : null;
    }

    /// <summary>The checked path of the current call.</summary>
    public static ArtifactPath PathOf(HttpContext http) =>
        http.Features.Get<ArtifactTarget>() is { } target ? ArtifactPath.Parse(target.Raw) : throw ArtifactPath.Refused();

    private static string PathOf(string rawTarget)
    {
        var end = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var line = end < 0 ? rawTarget : rawTarget[..end];
        if (line.StartsWith('/'))
            return line;
        // The absolute form, http://host/path, which proxies send.
        var authority = line.IndexOf("://", StringComparison.Ordinal);
        var start = authority < 0 ? -1 : line.IndexOf('/', authority + 3);
        return start < 0 ? "" : line[start..];
    }
}
