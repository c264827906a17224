using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Tracking.LoggedModels;

/// <summary>The search of logged models.</summary>
internal sealed class LoggedModelSearchEndpoints(LoggedModelSearch search)
{
    private const int WireDefault = 50;
    private const int StoreDefault = 100;

    public void Map(RpcRoutes rpc) =>
        rpc.Post<SearchLoggedModelsRequest, SearchLoggedModelsResponse>("logged-models/search", SearchAsync)
            .RequirePermission(Permission.Authenticated, Resource.LoggedModel);

    /// <summary>Finds logged models of experiments by a filter.</summary>
    private async Task<SearchLoggedModelsResponse> SearchAsync(
        SearchLoggedModelsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var maxResults = request.MaxResults ?? WireDefault;
        var query = new LoggedModelQuery(
            request.ExperimentIds,
            string.IsNullOrEmpty(request.Filter) ? null : request.Filter,
            [.. (request.Datasets ?? []).Select(dataset => dataset.ToFilter())],
            maxResults == 0 ? StoreDefault : maxResults,
            [.. (request.OrderBy ?? []).Select(order => order.ToOrder())],
            request.PageToken);
        var page = await search.FindAsync(context.Workspace, query, cancellationToken);
        return new SearchLoggedModelsResponse(page.Models, page.NextPageToken);
    }
}

internal sealed record SearchLoggedModelsRequest
{
    [Must(Be.TypeFirst | Be.ListOfText | Be.Required)]
    public List<string> ExperimentIds { get; set; } = null!;

    [Must(Be.Text)]
    public string? Filter { get; set; }

    [Must(Be.List)]
    public List<LoggedModelDatasetPart>? Datasets { get; set; }

    [Must(Be.Integer)]
    public int? MaxResults { get; set; }

    [Must(Be.List)]
    public List<LoggedModelOrderPart>? OrderBy { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}

internal sealed record LoggedModelDatasetPart
{
    public string? DatasetName { get; set; }

    public string? DatasetDigest { get; set; }

    public LoggedModelDataset ToFilter() => string.IsNullOrEmpty(DatasetName)
        ? throw ApiException.Invalid("`dataset_name` in the `datasets` clause must be specified.")
        : new LoggedModelDataset(DatasetName, DatasetDigest is "" ? null : DatasetDigest);
}

internal sealed record LoggedModelOrderPart
{
    public string? FieldName { get; set; }

    public bool? Ascending { get; set; }

    public string? DatasetName { get; set; }

    public string? DatasetDigest { get; set; }

    public LoggedModelOrderBy ToOrder() => new(
        FieldName ?? "", Ascending ?? true, DatasetName is "" ? null : DatasetName, DatasetDigest is "" ? null : DatasetDigest);
}

internal sealed record SearchLoggedModelsResponse(List<LoggedModelBody> Models, string? NextPageToken);
