using System.Diagnostics.CodeAnalysis;
using ModelRegistry.Server.Artifacts.Local;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Artifacts;

/// <summary>Opens the store that a URI names by its scheme; the one list of the kinds of stores there are.</summary>
internal sealed class BlobStoreFactory(ServerOptions options)
{
    /// <summary>The store behind <c>mlflow-artifacts:/</c>.</summary>
    /// <exception cref="StartupException">No kind of store has this scheme.</exception>
    public IBlobStore OpenDestination() =>
        OpenBucket(options.ArtifactsDestination) ?? new LocalBlobStore(ArtifactFolder.Of(options.ArtifactsDestination));

    /// <summary>The store whose root is the location of a run, model or version; null when this server has no means to reach it.</summary>
    public IBlobStore? Open(string uri)
    {
        var url = PythonUrl.Parse(uri);
        return url.Scheme switch
        {
            "file" when url.Host is null or "localhost" => new LocalBlobStore(Uri.UnescapeDataString(url.Path)),
            "" when uri.Length > 0 => new LocalBlobStore(Uri.UnescapeDataString(uri)),
            _ => OpenBucket(uri),
        };
    }

    /// <summary>A bucket of an object store; null for every other scheme.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Stores beyond the local one are opened by the options.")]
    private IBlobStore? OpenBucket(string uri) => PythonUrl.Parse(uri).Scheme switch
    {
        _ => null,
    };
}
