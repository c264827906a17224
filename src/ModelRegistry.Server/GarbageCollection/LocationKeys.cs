using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Local;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>
/// One spelling for each place: what is reached through the server, as a URI of the store behind it, or through a link, has the same key.
/// A place is in another when its key goes on with a slash after the key of the other.
/// </summary>
internal sealed class LocationKeys(ServerOptions options, ArtifactStores stores)
{
    private readonly string destination = options.ServeArtifacts ? Plain(options.ArtifactsDestination) ?? "" : "";

    /// <returns>null when the text does not name a place.</returns>
    public string? Of(string workspace, string? location)
    {
        if (string.IsNullOrWhiteSpace(location))
            return null;
        try
        {
            return stores.ProxiedPath(workspace, location) is { } path ? Trim($"{destination}/{path.Key}") : Plain(location);
        }
        catch (ApiException)
        {
            // A live thing with an odd location still keeps what it might mean.
            return Plain(location);
        }
    }

    /// <summary>Whether it is below the artifact root of this server, so that nobody else can have put the files there.</summary>
    public bool IsBelowRoot(string workspace, string? location) =>
        Of(workspace, location) is { } key
        && ((string?[])[destination, Plain(options.EffectiveArtifactRoot)])
            .Any(root => !string.IsNullOrEmpty(root) && key.StartsWith(root + "/", StringComparison.Ordinal));

    private static string? Plain(string location)
    {
        var url = PythonUrl.Parse(location);
        return url.Scheme switch
        {
            "" => Local(Uri.UnescapeDataString(location)),
            "file" => Local(Uri.UnescapeDataString(url.Path)),
            "s3a" or "s3n" => Remote("s3", url),
            _ => Remote(url.Scheme, url),
        };
    }

    private static string? Local(string path) =>
        path.Length > 0 && RealPath.Of(Path.GetFullPath(path)) is { } real ? Trim("file:" + real.Replace('\\', '/')) : null;

    private static string Remote(string scheme, PythonUrl url) =>
        string.Join('/', [$"{scheme}://{url.Authority}", .. url.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".")]);

    private static string Trim(string key) => key.TrimEnd('/');
}
