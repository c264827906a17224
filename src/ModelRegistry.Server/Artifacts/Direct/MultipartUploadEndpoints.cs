using System.Text.Json;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Artifacts.Direct;

/// <summary>Uploads to the artifacts destination in parts that clients send to the store themselves: <c>mlflow-artifacts/mpu</c>.</summary>
internal sealed class MultipartUploadEndpoints(ArtifactStores stores, DirectTransfers transfers)
{
    /// <summary>As long as signatures of keys that Google keeps are sure to hold; a large file over a slow line needs more than MLflow's hour.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private const int MaxParts = 10_000;

    /// <param name="rpc">Where the calls go: below <c>mlflow-artifacts</c>.</param>
    public void Map(RpcRoutes rpc)
    {
        rpc.Raw("POST", "mpu/create/{**artifact_path}", Handle<CreateMultipartRequest, CreateMultipartResponse>(CreateAsync, rpc.Json))
            .Add(CallShape.Of<CreateMultipartRequest, CreateMultipartResponse>(CreateAsync))
            .RequirePermission(Permission.Edit, Resource.ArtifactPath);
        rpc.Raw("POST", "mpu/complete/{**artifact_path}", Handle<CompleteMultipartRequest, EmptyResponse>(CompleteAsync, rpc.Json))
            .Add(CallShape.Of<CompleteMultipartRequest, EmptyResponse>(CompleteAsync))
            .RequirePermission(Permission.Edit, Resource.ArtifactPath);
        rpc.Raw("POST", "mpu/abort/{**artifact_path}", Handle<AbortMultipartRequest, EmptyResponse>(AbortAsync, rpc.Json))
            .Add(CallShape.Of<AbortMultipartRequest, EmptyResponse>(AbortAsync))
            .RequirePermission(Permission.Edit, Resource.ArtifactPath);
    }

    /// <summary>A call whose path is looked at before its body.</summary>
    private RequestDelegate Handle<TRequest, TResponse>(RpcHandler<TRequest, TResponse> handler, WireJson json)
        where TRequest : class, new()
    {
        var binder = new RpcBinder<TRequest>(json);
        var type = json.TypeOf<TResponse>();
        return async http =>
        {
            var context = RequestContext.Of(http);
            stores.Scope(context.Workspace, ArtifactTarget.PathOf(http));
            var answer = await handler(await binder.BindAsync(http), context, http.RequestAborted);
            http.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(http.Response.BodyWriter, answer, type, http.RequestAborted);
        };
    }

    /// <summary>Begins an upload in up to 10,000 parts and says where each part goes.</summary>
    private async Task<CreateMultipartResponse> CreateAsync(CreateMultipartRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var store = transfers.MultipartUploads;
        var parts = request.NumParts ?? 1;
        if (parts is < 1 or > MaxParts)
            throw ApiException.Invalid($"num_parts must be between 1 and {MaxParts}, not {parts}. Send larger parts if the file needs more.");
        var upload = await store.StartAsync(FileOf(context, request.Path), (int)parts, Lifetime, cancellationToken);
        return new CreateMultipartResponse(
            upload.UploadId, [.. upload.Parts.Select(part => new MultipartCredential(part.Url, part.Number, part.Headers))]);
    }

    /// <summary>Puts the uploaded parts together.</summary>
    private async Task<EmptyResponse> CompleteAsync(CompleteMultipartRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var store = transfers.MultipartUploads;
        var path = FileOf(context, request.Path);
        var parts = request.Parts.Select(part => new FinishedPart(Number(part), part.Etag, part.Url)).ToList();
        if (parts.Count == 0)
            throw ApiException.Invalid("parts must name at least one part.");
        await stores.Destination.RecordAsync(
            path,
            async () =>
            {
                await store.CompleteAsync(path, request.UploadId, parts, cancellationToken);

                // The upload is done: the client's leaving is no reason not to look at what the store has put together.
                return await stores.Destination.Store.DescribeAsync(path, CancellationToken.None);
            },
            cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Gives an upload in parts up and removes what there is of it.</summary>
    private async Task<EmptyResponse> AbortAsync(AbortMultipartRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await transfers.MultipartUploads.AbortAsync(FileOf(context, request.Path), request.UploadId, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>The address names the folder; of the file the client sends the path on its own disk.</summary>
    private ArtifactPath FileOf(RequestContext context, string localPath)
    {
        var isWindows = localPath.StartsWith(@"\\", StringComparison.Ordinal) || localPath is [_, ':', '\\', ..];
        var name = ArtifactPath.Parse(localPath[(localPath.LastIndexOf(isWindows ? '\\' : '/') + 1)..]);
        return name.IsRoot || name.Segments.Count > 1
            ? throw ArtifactPath.Refused()
            : stores.Scope(context.Workspace, ArtifactTarget.PathOf(context.Http).Join(name));
    }

    private static int Number(MultipartPart part) => part.PartNumber is >= 1 and <= MaxParts
        ? (int)part.PartNumber
        : throw ApiException.Invalid($"part_number must be between 1 and {MaxParts}.");
}

internal sealed record CreateMultipartRequest
{
    [Must(Be.Required | Be.Text)]
    public string Path { get; set; } = null!;

    [Must(Be.Integer)]
    public long? NumParts { get; set; }
}

internal sealed record CompleteMultipartRequest
{
    [Must(Be.Required | Be.Text)]
    public string Path { get; set; } = null!;

    [Must(Be.Text)]
    public string? UploadId { get; set; }

    [Must(Be.Required)]
    public List<MultipartPart> Parts { get; set; } = null!;
}

internal sealed record AbortMultipartRequest
{
    [Must(Be.Required | Be.Text)]
    public string Path { get; set; } = null!;

    [Must(Be.Text)]
    public string? UploadId { get; set; }
}

internal sealed record MultipartPart
{
    public long? PartNumber { get; set; }

    public string? Etag { get; set; }

    public string? Url { get; set; }
}

/// <param name="UploadId">Absent on Azure.</param>
internal sealed record CreateMultipartResponse(string? UploadId, List<MultipartCredential> Credentials);

/// <summary>Where and how to PUT one part.</summary>
internal sealed record MultipartCredential(string Url, int PartNumber, IReadOnlyDictionary<string, string> Headers);
