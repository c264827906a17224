using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Artifacts.Direct;

/// <summary>Addresses by which clients read or write a file at the store itself.</summary>
internal sealed class SignedAddressEndpoints(ArtifactStores stores, DirectTransfers transfers, RunLocator runs, ServerOptions options)
{
    private static readonly TimeSpan UploadLifetime = TimeSpan.FromSeconds(900);

    /// <summary>The longest that the stores sign for.</summary>
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(7);

    /// <param name="rpc">For calls below <c>mlflow</c>.</param>
    /// <param name="proxy">For calls below <c>mlflow-artifacts</c>.</param>
    public void Map(RpcRoutes rpc, RpcRoutes proxy)
    {
        proxy.Get<EmptyRequest, ProxiedDownloadResponse>("presigned/{**artifact_path}", SignProxiedAsync)
            .RequirePermission(Permission.Read, Resource.ArtifactPath);
        rpc.Post<PresignedRequest, PresignedUploadResponse>("artifacts/presigned-upload-url", SignUploadAsync)
            .RequirePermission(Permission.Edit, Resource.Run);
        rpc.Post<PresignedRequest, PresignedDownloadResponse>("artifacts/presigned-download-url", SignDownloadAsync)
            .RequirePermission(Permission.Read, Resource.Run);
    }

    /// <summary>Signs an address from which a client reads a file of the artifacts destination without this server.</summary>
    private async Task<ProxiedDownloadResponse> SignProxiedAsync(EmptyRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var path = stores.Scope(context.Workspace, ArtifactTarget.PathOf(context.Http));
        var signer = transfers.Downloads;
        var size = await SizeAsync(stores.Destination.Store, path, cancellationToken);
        var address = await signer.SignDownloadAsync(path, options.Transfers.DownloadLifetime, cancellationToken);
        return new ProxiedDownloadResponse(address.Url, address.Headers, size);
    }

    /// <summary>Signs an address to which a client writes a file of a run without this server.</summary>
    private async Task<PresignedUploadResponse> SignUploadAsync(PresignedRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        const string upload = "Presigned upload";
        var path = ArtifactPath.Parse(request.Path);
        var lifetime = Lifetime(request, UploadLifetime);
        var run = await runs.GetAsync(context.Workspace, request.RunId, cancellationToken);
        var scheme = PythonUrl.Parse(run.ArtifactUri ?? "").Scheme;
        if (scheme is "http" or "https" or "mlflow-artifacts")
        {
            throw ApiException.Invalid(
                $"{upload} is not supported for runs with proxied artifact storage (artifact URI scheme: {scheme}). "
                + "This endpoint requires a run with a direct cloud storage artifact URI.");
        }

        var place = stores.Locate(context.Workspace, run.ArtifactUri);
        var signer = transfers.SignerOf(place, upload);
        if (!path.IsFile)
            throw ArtifactPath.Refused();

        // Nobody tells when the file is written, so what is known of it holds no longer.
        await place.DistrustAsync(path, cancellationToken);
        var address = await signer.SignUploadAsync(place.Folder.Join(path), lifetime, cancellationToken);
        return new PresignedUploadResponse(address.Url, address.Headers);
    }

    /// <summary>Signs an address from which a client reads a file of a run without this server.</summary>
    private async Task<PresignedDownloadResponse> SignDownloadAsync(PresignedRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var path = ArtifactPath.Parse(request.Path);
        var lifetime = Lifetime(request, options.Transfers.DownloadLifetime);
        var run = await runs.GetAsync(context.Workspace, request.RunId, cancellationToken);
        var place = stores.Locate(context.Workspace, run.ArtifactUri);
        var signer = transfers.SignerOf(place, "Presigned download");
        var size = await SizeAsync(place.Store, place.Folder.Join(path), cancellationToken);
        var address = await signer.SignDownloadAsync(place.Folder.Join(path), lifetime, cancellationToken);
        return new PresignedDownloadResponse(address.Url, address.Headers, size);
    }

    private static async Task<long> SizeAsync(IBlobStore store, ArtifactPath path, CancellationToken cancellationToken)
    {
        await using var blob = await store.OpenAsync(path, cancellationToken) ?? throw ApiException.NotFound($"No such artifact: '{path}'");
        return blob.Length;
    }

    private static TimeSpan Lifetime(PresignedRequest request, TimeSpan standard)
    {
        if (request.Expiration is not { } seconds)
            return standard;
        return seconds >= 1 && seconds <= MaxLifetime.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw ApiException.Invalid($"expiration must be between 1 and {MaxLifetime.TotalSeconds} seconds, not {seconds}.");
    }
}

internal sealed record PresignedRequest
{
    [Must(Be.Required | Be.Text)]
    public string RunId { get; set; } = null!;

    [Must(Be.Required | Be.Text)]
    public string Path { get; set; } = null!;

    /// <summary>Seconds.</summary>
    [Must(Be.Integer)]
    public long? Expiration { get; set; }
}

/// <summary>A file behind the proxy. Clients of 3.11 look for <c>url</c> here, and for <c>presigned_url</c> by run.</summary>
internal sealed record ProxiedDownloadResponse(string Url, IReadOnlyDictionary<string, string> Headers, long FileSize);

internal sealed record PresignedDownloadResponse(string PresignedUrl, IReadOnlyDictionary<string, string> Headers, long FileSize);

internal sealed record PresignedUploadResponse(string PresignedUrl, IReadOnlyDictionary<string, string> Headers);
