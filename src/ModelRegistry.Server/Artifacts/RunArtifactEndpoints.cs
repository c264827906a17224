using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Search;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Artifacts;

/// <summary>Artifacts named by the run they belong to.</summary>
internal sealed class RunArtifactEndpoints(ArtifactStores stores, RunLocator runs)
{
    private const long MaxBrowserUpload = 10 << 20;

    private static readonly CallParameter RunId = new("run_uuid", true, "The run; run_id is the newer name of the same.");
    private static readonly CallParameter FilePath = new("path", true, "The file, below the run's artifact folder.");

    /// <param name="root">For the routes that are not API calls under every prefix.</param>
    /// <param name="rpc">For those that are.</param>
    public void Map(IEndpointRouteBuilder root, RpcRoutes rpc)
    {
        rpc.Get<ListRunArtifactsRequest, ListArtifactsResponse>("artifacts/list", ListAsync).RequirePermission(Permission.Read, Resource.Run);
        root.MapMethods("/get-artifact", ["GET", "HEAD"], DownloadAsync)
            .WithMetadata(CallShape.Of(DownloadAsync) with { ResponseMedia = CallShape.Bytes, Query = [RunId with { Name = "run_id", IsRequired = false }, RunId with { IsRequired = false }, FilePath] })
            .RequirePermission(Permission.Read, Resource.Run);
        root.MapPost("/ajax-api/2.0/mlflow/upload-artifact", UploadAsync)
            .WithMetadata(CallShape.Of(UploadAsync) with { RequestMedia = CallShape.Bytes, Query = [RunId, FilePath] })
            .RequirePermission(Permission.Edit, Resource.Run);
    }

    /// <summary>Lists a folder of the artifacts of a run.</summary>
    private async Task<ListArtifactsResponse> ListAsync(
        ListRunArtifactsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var path = request.Path is null ? null : ArtifactPath.Parse(request.Path);
        var run = await runs.GetAsync(context.Workspace, request.RunId is { Length: > 0 } id ? id : request.RunUuid!, cancellationToken);
        return new ListArtifactsResponse(run.ArtifactUri, await stores.Locate(context.Workspace, run.ArtifactUri).ListAsync(path, cancellationToken));
    }

    /// <summary>Downloads a file of a run.</summary>
    private async Task DownloadAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var path = ArtifactQuery.PathOf(http);
        var runId = query["run_id"] is [{ Length: > 0 } id, ..] ? id : query["run_uuid"].FirstOrDefault();
        // "None" is what MLflow says of a run that was not named.
        var run = await runs.GetAsync(RequestContext.Of(http).Workspace, runId is { Length: > 0 } ? runId : "None", http.RequestAborted);
        var place = stores.Locate(RequestContext.Of(http).Workspace, run.ArtifactUri);
        await ArtifactDownload.SendAsync(http, place.Store, place.Folder.Join(path));
    }

    /// <summary>Uploads a file of a run, of 10 MiB at most.</summary>
    private async Task UploadAsync(HttpContext http)
    {
        var runId = Required(http, "run_uuid");
        var path = ArtifactPath.Parse(Required(http, "path"));
        if (http.Request.ContentLength > MaxBrowserUpload)
            throw TooLarge();
        Transfer.LiftLimits(http);
        if (await IsEmptyAsync(http))
            throw ApiException.Invalid("Request must specify data.");
        var run = await runs.GetAsync(RequestContext.Of(http).Workspace, runId, http.RequestAborted);
        var place = stores.Locate(RequestContext.Of(http).Workspace, run.ArtifactUri);
        await place.WriteAsync(path, LimitedBodyAsync(http), http.Request.ContentLength, http.RequestAborted);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = 0;
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> LimitedBodyAsync(HttpContext http)
    {
        var size = 0L;
        await foreach (var piece in Transfer.ReadBodyAsync(http))
        {
            size += piece.Length;
            yield return size <= MaxBrowserUpload ? piece : throw TooLarge();
        }
    }

    private static ApiException TooLarge() => ApiException.Invalid("Artifact size is too large. Max size is 10MB.");

    private static string Required(HttpContext http, string parameter) =>
        http.Request.Query[parameter] is [{ Length: > 0 } value, ..] ? value : throw ApiException.Invalid($"Request must specify {parameter}.");

    private static async Task<bool> IsEmptyAsync(HttpContext http)
    {
        var body = http.Request.BodyReader;
        var start = await body.ReadAsync(http.RequestAborted);
        var isEmpty = start is { IsCompleted: true, Buffer.IsEmpty: true };
        body.AdvanceTo(start.Buffer.Start);
        return isEmpty;
    }
}

internal sealed record ListRunArtifactsRequest : ICheckedRequest
{
    [Must(Be.Text)]
    public string? RunId { get; set; }

    [Must(Be.Text)]
    public string? RunUuid { get; set; }

    [Must(Be.Text)]
    public string? Path { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }

    public void Check()
    {
        if (RunId is null or "" && RunUuid is null or "")
            throw ApiException.Missing("run_id");
    }
}
