using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Search;
using ModelRegistry.Server.Tracking.Experiments;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Tracking;

/// <summary>The searches of experiments and runs.</summary>
internal sealed class TrackingSearchEndpoints(ExperimentSearch experiments, RunSearch runs)
{
    private const long DefaultRuns = 1000;
    private const long MaxListed = 50_000;

    public void Map(RpcRoutes rpc)
    {
        rpc.Post<SearchRunsRequest, SearchRunsResponse>("runs/search", SearchRunsAsync).RequirePermission(Permission.Read, Resource.Experiment);
        rpc.Get<SearchExperimentsRequest, ExperimentsResponse>("experiments/search", SearchExperimentsAsync)
            .RequirePermission(Permission.Authenticated, Resource.Experiment);
        rpc.Post<SearchExperimentsRequest, ExperimentsResponse>("experiments/search", SearchExperimentsAsync)
            .RequirePermission(Permission.Authenticated, Resource.Experiment);

        // Gone from MLflow since 2.0; clients of the 1.x line know nothing else.
        rpc.Get<ListExperimentsRequest, ExperimentsResponse>("experiments/list", ListExperimentsAsync)
            .RequirePermission(Permission.Authenticated, Resource.Experiment);
    }

    /// <summary>Finds runs of experiments by a filter, up to 50,000 a page.</summary>
    private async Task<SearchRunsResponse> SearchRunsAsync(SearchRunsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var query = new RunQuery(
            request.ExperimentIds ?? [], request.Filter, request.RunViewType, request.MaxResults ?? DefaultRuns, request.OrderBy ?? [], request.PageToken);
        SearchRules.CheckMaxResults(query.MaxResults);
        var page = await runs.FindAsync(context.Workspace, query, cancellationToken);
        return new SearchRunsResponse(page.Runs, page.NextPageToken);
    }

    /// <summary>Finds experiments by a filter.</summary>
    private async Task<ExperimentsResponse> SearchExperimentsAsync(
        SearchExperimentsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var query = new ExperimentQuery(request.Filter, request.ViewType, request.MaxResults ?? 0, request.OrderBy ?? [], request.PageToken);
        SearchRules.CheckMaxResults(query.MaxResults);
        return ExperimentsResponse.From(await experiments.FindAsync(context.Workspace, query, cancellationToken));
    }

    /// <summary>Lists experiments, for clients of the 1.x line.</summary>
    private async Task<ExperimentsResponse> ListExperimentsAsync(
        ListExperimentsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var limit = request.MaxResults is > 0 and < MaxListed ? request.MaxResults.Value : MaxListed;
        var query = new ExperimentQuery(null, request.ViewType, limit, [], request.PageToken);
        return ExperimentsResponse.From(await experiments.ListAsync(context.Workspace, query, cancellationToken));
    }
}

internal sealed record SearchRunsRequest
{
    [Must(Be.List)]
    public List<string>? ExperimentIds { get; set; }

    [Must(Be.Text)]
    public string? Filter { get; set; }

    [Must(Be.Integer, Max = 50_000)]
    public int? MaxResults { get; set; }

    [Must(Be.ListOfText)]
    public List<string>? OrderBy { get; set; }

    public ViewType? RunViewType { get; set; }

    public string? PageToken { get; set; }
}

internal sealed record SearchExperimentsRequest
{
    [Must(Be.Integer)]
    public ViewType? ViewType { get; set; }

    [Must(Be.Integer)]
    public long? MaxResults { get; set; }

    [Must(Be.List)]
    public List<string>? OrderBy { get; set; }

    [Must(Be.Text)]
    public string? Filter { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}

internal sealed record ListExperimentsRequest
{
    public ViewType? ViewType { get; set; }

    public long? MaxResults { get; set; }

    public string? PageToken { get; set; }
}

internal sealed record SearchRunsResponse(List<RunBody> Runs, string? NextPageToken);

internal sealed record ExperimentsResponse(List<ExperimentBody> Experiments, string? NextPageToken)
{
    public static ExperimentsResponse From(ExperimentPage page) =>
        new([.. page.Experiments.Select(ExperimentBody.From)], page.NextPageToken);
}
