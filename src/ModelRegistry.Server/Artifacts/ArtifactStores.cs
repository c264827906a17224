using ModelRegistry.Server.Artifacts.Integrity;
using ModelRegistry.Server.Artifacts.Local;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Artifacts;

/// <summary>Finds the store behind an artifact URI.</summary>
internal sealed class ArtifactStores(ServerOptions options, BlobStoreFactory factory, ArtifactLedger? ledger)
{
    private const string ProxyRoute = "/api/2.0/mlflow-artifacts/artifacts/";

    /// <summary>What <c>mlflow-artifacts:/</c> stands for.</summary>
    public ArtifactPlace Destination { get; } =
        new(factory.OpenDestination(), ArtifactPath.Root, "mlflow-artifacts:/", options.ArtifactsOnly ? null : ledger);

    /// <summary>Removes what uploads of a server that is gone have left.</summary>
    public void RemoveLeftovers()
    {
        if (options.ServeArtifacts && Destination.Store is LocalBlobStore folder)
            folder.RemoveLeftovers();
    }

    /// <summary>The place that the location of a run, model or version names.</summary>
    /// <exception cref="ApiException">This server cannot reach it, or it is in another workspace.</exception>
    public ArtifactPlace Locate(Workspace workspace, string? uri) => Locate(workspace.Name, uri);

    /// <summary>As <see cref="Locate(Workspace, string?)"/>, for work that no request has asked for.</summary>
    /// <exception cref="ApiException">NOT_IMPLEMENTED: this server cannot reach it. Otherwise it is no location, or in another workspace.</exception>
    public ArtifactPlace Locate(string workspace, string? uri) =>
        ProxiedPath(workspace, uri) is { } path
            ? Destination with { Folder = path }
            : new ArtifactPlace(factory.Open(uri ?? "") ?? throw OutOfReach(uri), ArtifactPath.Root, AbsoluteUri(uri!), Destination.Ledger);

    /// <summary>The path below <see cref="Destination"/> that a location means; null when it is not one that goes through this server.</summary>
    /// <exception cref="ApiException">It is no location, or in another workspace.</exception>
    public ArtifactPath? ProxiedPath(string workspace, string? uri)
    {
        var url = PythonUrl.Parse(uri ?? "");
        // A location with a query or fragment has had its run cut off: everything of the experiment would be in it.
        var isWhole = url is { Query: "", Fragment: "", Params: "" };
        return url.Scheme switch
        {
            not "" when !isWhole => throw OutOfReach(uri),
            "mlflow-artifacts" when options.ServeArtifacts => Scope(workspace, ArtifactPath.Parse(url.Path.TrimStart('/'))),
            "http" or "https" when options.ServeArtifacts && url.Path.Split(ProxyRoute, 2) is [_, var path] =>
                Scope(workspace, ArtifactPath.Parse(path.TrimStart('/'))),
            _ => null,
        };
    }

    /// <summary>The path below <see cref="Destination"/> that a client of a workspace means.</summary>
    /// <exception cref="ApiException">It is in another workspace.</exception>
    public ArtifactPath Scope(Workspace workspace, ArtifactPath path) => Scope(workspace.Name, path);

    private ArtifactPath Scope(string workspace, ArtifactPath path) => options.EnableWorkspaces ? WorkspaceFolder.Scope(workspace, path) : path;

    /// <summary>A local folder has one name for the ledger, however it is written.</summary>
    private static string AbsoluteUri(string uri) => PythonUrl.Parse(uri) switch
    {
        { Scheme: "file" } url => $"file://{Path.GetFullPath(Uri.UnescapeDataString(url.Path))}",
        { Scheme: "" } => $"file://{Path.GetFullPath(Uri.UnescapeDataString(uri))}",
        _ => uri,
    };

    private static ApiException OutOfReach(string? uri) =>
        new(ErrorCode.NotImplemented, $"Artifacts at '{uri}' cannot be accessed through this server.");
}
