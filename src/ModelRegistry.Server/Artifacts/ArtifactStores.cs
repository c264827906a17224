using ModelRegistry.Server.Artifacts.Local;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Artifacts;

/// <summary>Finds the store behind an artifact URI.</summary>
internal sealed class ArtifactStores(ServerOptions options, BlobStoreFactory factory)
{
    private const string ProxyRoute = "/api/2.0/mlflow-artifacts/artifacts/";

    private readonly IBlobStore destination = factory.OpenDestination();

    /// <summary>What <c>mlflow-artifacts:/</c> stands for.</summary>
    public IBlobStore Destination => destination;

    /// <summary>Removes what uploads of a server that is gone have left.</summary>
    public void RemoveLeftovers()
    {
        if (options.ServeArtifacts && destination is LocalBlobStore folder)
            folder.RemoveLeftovers();
    }

    /// <summary>The place that the location of a run, model or version names.</summary>
    /// <exception cref="ApiException">This server cannot reach it, or it is in another workspace.</exception>
    public ArtifactPlace Locate(RequestContext context, string? uri)
    {
        var url = PythonUrl.Parse(uri ?? "");
        // A location with a query or fragment has had its run cut off: everything of the experiment would be in it.
        var isWhole = url is { Query: "", Fragment: "", Params: "" };
        return url.Scheme switch
        {
            not "" when !isWhole => throw OutOfReach(uri),
            "mlflow-artifacts" when options.ServeArtifacts => new(destination, Scope(context, ArtifactPath.Parse(url.Path.TrimStart('/')))),
            "http" or "https" when options.ServeArtifacts && url.Path.Split(ProxyRoute, 2) is [_, var path] =>
                new(destination, Scope(context, ArtifactPath.Parse(path.TrimStart('/')))),
            _ => new(factory.Open(uri ?? "") ?? throw OutOfReach(uri), ArtifactPath.Root),
        };
    }

    /// <summary>The path below <see cref="Destination"/> that a client of a workspace means.</summary>
    /// <exception cref="ApiException">It is in another workspace.</exception>
    public ArtifactPath Scope(RequestContext context, ArtifactPath path) =>
        options.EnableWorkspaces ? WorkspaceFolder.Scope(context.Workspace, path) : path;

    private static ApiException OutOfReach(string? uri) =>
        new(ErrorCode.NotImplemented, $"Artifacts at '{uri}' cannot be accessed through this server.");
}

/// <summary>A folder of a store.</summary>
internal sealed record ArtifactPlace(IBlobStore Store, ArtifactPath Folder)
{
    /// <summary>Lists a folder below this one, with paths as seen from here.</summary>
    public async Task<List<ArtifactFile>> ListAsync(ArtifactPath? below, CancellationToken cancellationToken)
    {
        var prefix = below is null || below.Text.Length == 0 ? "" : below.Text.EndsWith('/') ? below.Text : below.Text + "/";
        var entries = await Store.ListAsync(below is null ? Folder : Folder.Join(below), cancellationToken);
        return [.. entries.Select(entry => ArtifactFile.From(entry, prefix))];
    }
}

/// <summary>A file or folder in a listing.</summary>
internal sealed record ArtifactFile(string Path, bool IsDir, long? FileSize)
{
    /// <summary>The size of an empty file is left out, as the reference does.</summary>
    public static ArtifactFile From(BlobEntry entry, string prefix) => new(prefix + entry.Name, entry.IsFolder, entry.Size is 0 ? null : entry.Size);
}

/// <summary>The entries of a folder; <c>root_uri</c> only where an entity's own location is listed.</summary>
internal sealed record ListArtifactsResponse(string? RootUri, List<ArtifactFile> Files);
