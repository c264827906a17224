using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Registry;

/// <summary>Searching and listing models and versions.</summary>
internal sealed class SearchEndpoints(RegisteredModelSearch models, ModelVersionSearch versions)
{
    private const int DefaultModels = 100;
    private const int DefaultVersions = 200_000;

    public void Map(RpcRoutes rpc)
    {
        rpc.Get<SearchRegisteredModelsRequest, RegisteredModelsResponse>("registered-models/search", SearchModelsAsync)
            .RequirePermission(Permission.Authenticated, Resource.RegisteredModel);
        rpc.Get<SearchModelVersionsRequest, ModelVersionsResponse>("model-versions/search", SearchVersionsAsync)
            .RequirePermission(Permission.Authenticated, Resource.RegisteredModel);

        // Not MLflow's: R and PHP clients search with POST, and clients of the 1.x line list.
        rpc.Post<SearchRegisteredModelsRequest, RegisteredModelsResponse>("registered-models/search", SearchModelsAsync)
            .RequirePermission(Permission.Authenticated, Resource.RegisteredModel);
        rpc.Post<SearchModelVersionsRequest, ModelVersionsResponse>("model-versions/search", SearchVersionsAsync)
            .RequirePermission(Permission.Authenticated, Resource.RegisteredModel);
        rpc.Get<ListRegisteredModelsRequest, RegisteredModelsResponse>("registered-models/list", ListModelsAsync)
            .RequirePermission(Permission.Authenticated, Resource.RegisteredModel);
    }

    /// <summary>Finds registered models by a filter, up to 1000 a page.</summary>
    private async Task<RegisteredModelsResponse> SearchModelsAsync(
        SearchRegisteredModelsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var page = await models.SearchAsync(
            context.Workspace, request.Filter, request.OrderBy ?? [], (int)(request.MaxResults ?? DefaultModels), request.PageToken, cancellationToken);
        return RegisteredModelsResponse.From(page);
    }

    /// <summary>Lists registered models, for clients of the 1.x line.</summary>
    private async Task<RegisteredModelsResponse> ListModelsAsync(
        ListRegisteredModelsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var page = await models.SearchAsync(
            context.Workspace, null, [], (int)(request.MaxResults ?? DefaultModels), request.PageToken, cancellationToken);
        return RegisteredModelsResponse.From(page);
    }

    /// <summary>Finds model versions by a filter, up to 200,000 a page.</summary>
    private async Task<ModelVersionsResponse> SearchVersionsAsync(
        SearchModelVersionsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var page = await versions.SearchAsync(
            context.Workspace, request.Filter, request.OrderBy ?? [], (int)(request.MaxResults ?? DefaultVersions), request.PageToken, cancellationToken);
        return ModelVersionsResponse.From(page);
    }
}

internal sealed record SearchRegisteredModelsRequest
{
    [Must(Be.Text)]
    public string? Filter { get; set; }

    [Must(Be.Integer, Max = 1000)]
    public long? MaxResults { get; set; }

    [Must(Be.ListOfText)]
    public List<string>? OrderBy { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}

internal sealed record SearchModelVersionsRequest
{
    [Must(Be.Text)]
    public string? Filter { get; set; }

    [Must(Be.Integer, Max = 200_000)]
    public long? MaxResults { get; set; }

    [Must(Be.ListOfText)]
    public List<string>? OrderBy { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}

internal sealed record ListRegisteredModelsRequest
{
    [Must(Be.Integer, Max = 1000)]
    public long? MaxResults { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}
