using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Artifacts;

/// <summary>The <c>mlflow-artifacts</c> calls, through which clients read and write artifacts without access to the storage.</summary>
internal sealed class ArtifactProxyEndpoints(ArtifactStores stores)
{
    /// <param name="rpc">Where the calls go: below <c>mlflow-artifacts</c>.</param>
    public void Map(RpcRoutes rpc)
    {
        const string file = "artifacts/{**artifact_path}";
        rpc.Get<ListProxyRequest, ListArtifactsResponse>("artifacts", ListAsync).RequirePermission(Permission.Read, Resource.ArtifactPath);
        rpc.Raw("GET", file, DownloadAsync).Add(CallShape.Of(DownloadAsync) with { ResponseMedia = CallShape.Bytes }).RequirePermission(Permission.Read, Resource.ArtifactPath);
        rpc.Raw("PUT", file, UploadAsync).Add(Empty(UploadAsync) with { RequestMedia = CallShape.Bytes }).RequirePermission(Permission.Edit, Resource.ArtifactPath);
        rpc.Raw("DELETE", file, DeleteAsync).Add(Empty(DeleteAsync)).RequirePermission(Permission.Manage, Resource.ArtifactPath);
    }

    private static CallShape Empty(RequestDelegate handler) => CallShape.Of(handler) with { Response = typeof(EmptyResponse) };

    /// <summary>Lists a folder of the artifacts destination.</summary>
    private async Task<ListArtifactsResponse> ListAsync(ListProxyRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var entries = await stores.Destination.Store.ListAsync(stores.Scope(context.Workspace, ArtifactPath.Parse(request.Path ?? "")), cancellationToken);
        return new ListArtifactsResponse(null, [.. entries.Select(entry => ArtifactFile.From(entry, ""))]);
    }

    /// <summary>Downloads a file of the artifacts destination.</summary>
    private Task DownloadAsync(HttpContext http) => ArtifactDownload.SendWholeAsync(http, stores.Destination.Store, PathOf(http));

    /// <summary>Uploads a file to the artifacts destination, of any size.</summary>
    private async Task UploadAsync(HttpContext http)
    {
        Transfer.LiftLimits(http);
        await stores.Destination.WriteAsync(PathOf(http), Transfer.ReadBodyAsync(http), http.Request.ContentLength, http.RequestAborted);
        await AnswerEmptyAsync(http);
    }

    /// <summary>Deletes a file of the artifacts destination, or a folder with all that is in it.</summary>
    private async Task DeleteAsync(HttpContext http)
    {
        await stores.Destination.DeleteAsync(PathOf(http), http.RequestAborted);
        await AnswerEmptyAsync(http);
    }

    private ArtifactPath PathOf(HttpContext http) => stores.Scope(RequestContext.Of(http).Workspace, ArtifactTarget.PathOf(http));

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
