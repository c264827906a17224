using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Artifacts;

/// <summary>The <c>mlflow-artifacts</c> calls, through which clients read and write artifacts without access to the storage.</summary>
internal sealed class ArtifactProxyEndpoints(ArtifactStores stores)
{
    /// <param name="rpc">Where the calls go: below <c>mlflow-artifacts</c>.</param>
    public void Map(RpcRoutes rpc)
    {
        const string file = "artifacts/{**artifact_path}";
        rpc.Get<ListProxyRequest, ListArtifactsResponse>("artifacts", ListAsync).RequirePermission(Permission.Read, Resource.ArtifactPath);
        rpc.Raw("GET", file, DownloadAsync).RequirePermission(Permission.Read, Resource.ArtifactPath);
        rpc.Raw("PUT", file, UploadAsync).RequirePermission(Permission.Edit, Resource.ArtifactPath);
        rpc.Raw("DELETE", file, DeleteAsync).RequirePermission(Permission.Manage, Resource.ArtifactPath);
        rpc.Raw("POST", "mpu/create/{**artifact_path}", NoMultipartUpload<CreateMultipartRequest>)
            .RequirePermission(Permission.Edit, Resource.ArtifactPath);
        rpc.Raw("POST", "mpu/complete/{**artifact_path}", NoMultipartUpload<CompleteMultipartRequest>)
            .RequirePermission(Permission.Edit, Resource.ArtifactPath);
        rpc.Raw("POST", "mpu/abort/{**artifact_path}", NoMultipartUpload<AbortMultipartRequest>)
            .RequirePermission(Permission.Edit, Resource.ArtifactPath);
        rpc.Raw("GET", "presigned/{**artifact_path}", NoPresignedDownload).RequirePermission(Permission.Read, Resource.ArtifactPath);
    }

    private async Task<ListArtifactsResponse> ListAsync(ListProxyRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var entries = await stores.Destination.Store.ListAsync(stores.Scope(context, ArtifactPath.Parse(request.Path ?? "")), cancellationToken);
        return new ListArtifactsResponse(null, [.. entries.Select(entry => ArtifactFile.From(entry, ""))]);
    }

    private Task DownloadAsync(HttpContext http) => ArtifactDownload.SendWholeAsync(http, stores.Destination.Store, PathOf(http));

    private async Task UploadAsync(HttpContext http)
    {
        Transfer.LiftLimits(http);
        await stores.Destination.WriteAsync(PathOf(http), Transfer.ReadBodyAsync(http), http.Request.ContentLength, http.RequestAborted);
        await AnswerEmptyAsync(http);
    }

    private async Task DeleteAsync(HttpContext http)
    {
        await stores.Destination.DeleteAsync(PathOf(http), http.RequestAborted);
        await AnswerEmptyAsync(http);
    }

    /// <summary>A folder takes a file as a whole; the client then sends it with PUT. Bad input is told first all the same.</summary>
    private async Task NoMultipartUpload<TRequest>(HttpContext http)
        where TRequest : class, new()
    {
        PathOf(http);
        await RpcBinder<TRequest>.BindAsync(http);
        throw new ApiException(ErrorCode.NotImplemented, "Multipart upload is not supported for the current artifact repository");
    }

    private Task NoPresignedDownload(HttpContext http)
    {
        PathOf(http);
        throw new ApiException(ErrorCode.NotImplemented, "Multipart download is not supported for the current artifact repository");
    }

    private ArtifactPath PathOf(HttpContext http) => stores.Scope(RequestContext.Of(http), ArtifactTarget.PathOf(http));

    private static Task AnswerEmptyAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = 2;
        return http.Response.WriteAsync("{}", http.RequestAborted);
    }
}

internal sealed record ListProxyRequest
{
    public string? Path { get; set; }
}

internal sealed record CreateMultipartRequest
{
    [Must(Be.Required | Be.Text)]
    public string? Path { get; set; }

    [Must(Be.Integer)]
    public long? NumParts { get; set; }
}

internal sealed record CompleteMultipartRequest
{
    [Must(Be.Required | Be.Text)]
    public string? Path { get; set; }

    [Must(Be.Text)]
    public string? UploadId { get; set; }

    [Must(Be.Required)]
    public List<MultipartPart>? Parts { get; set; }
}

internal sealed record AbortMultipartRequest
{
    [Must(Be.Required | Be.Text)]
    public string? Path { get; set; }

    [Must(Be.Text)]
    public string? UploadId { get; set; }
}

internal sealed record MultipartPart
{
    public long? PartNumber { get; set; }

    public string? Etag { get; set; }

    public string? Url { get; set; }
}
