using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Traces.Search;

/// <summary>The searches of traces.</summary>
internal sealed class TraceSearchEndpoints(TraceSearch search)
{
    private const int DefaultMaxResults = 100;

    public void Map(RpcRoutes rpc)
    {
        rpc.Post<SearchTracesRequest, SearchTracesResponse>("traces/search", SearchAsync, ApiVersion.V3)
            .RequirePermission(Permission.Read, Resource.Experiment);
        rpc.Get<SearchTracesV2Request, SearchTracesV2Response>("traces", SearchV2Async).RequirePermission(Permission.Read, Resource.Experiment);
        rpc.Post<CorrelationRequest, CorrelationResponse>("traces/calculate-filter-correlation", CorrelateAsync, ApiVersion.V3)
            .RequirePermission(Permission.Read, Resource.Experiment);
    }

    /// <summary>Finds traces by a filter, up to 500 a page.</summary>
    private async Task<SearchTracesResponse> SearchAsync(SearchTracesRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var experiments = (request.Locations ?? []).Where(place => place.MlflowExperiment is not null)
            .Select(place => place.MlflowExperiment!.ExperimentId ?? "").ToList();
        var query = Query(experiments, request.Filter, request.MaxResults, request.OrderBy, request.PageToken);
        var (traces, next) = await search.FindAsync(context.Workspace, query, cancellationToken);
        return new SearchTracesResponse(traces.ConvertAll(TraceInfoBody.From), next);
    }

    /// <summary>Finds traces by a filter, for clients before 3.0.</summary>
    private async Task<SearchTracesV2Response> SearchV2Async(SearchTracesV2Request request, RequestContext context, CancellationToken cancellationToken)
    {
        var query = Query(request.ExperimentIds ?? [], request.Filter, request.MaxResults, request.OrderBy, request.PageToken);
        var (traces, next) = await search.FindAsync(context.Workspace, query, cancellationToken);
        return new SearchTracesV2Response(traces.ConvertAll(TraceInfoV2Body.From), next);
    }

    /// <summary>How often traces that pass one filter pass another.</summary>
    private async Task<CorrelationResponse> CorrelateAsync(CorrelationRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var counts = await search.CountAsync(
            context.Workspace, request.ExperimentIds ?? [], Joined(request.BaseFilter, request.FilterString1 ?? ""), Joined(request.BaseFilter, request.FilterString2 ?? ""),
            request.BaseFilter, cancellationToken);
        return CorrelationResponse.Of(counts);
    }

    private static string Joined(string? baseFilter, string filter) => string.IsNullOrEmpty(baseFilter) ? filter : $"{baseFilter} and {filter}";

    private static TraceQuery Query(List<string> experiments, string? filter, long? maxResults, List<string>? orderBy, string? pageToken)
    {
        if (maxResults < 1)
            throw ApiException.Invalid($"Invalid value {maxResults} for parameter 'max_results' supplied. It must be a positive integer");
        return new TraceQuery(experiments, filter, (int)(maxResults ?? DefaultMaxResults), orderBy ?? [], pageToken);
    }
}

internal sealed record SearchTracesRequest : TracePageRequest
{
    [Must(Be.List | Be.Required)]
    public List<TraceLocationInput> Locations { get; set; } = null!;
}

internal sealed record SearchTracesV2Request : TracePageRequest
{
    [Must(Be.List | Be.ListOfText | Be.Required)]
    public List<string> ExperimentIds { get; set; } = null!;
}

/// <remarks>Behind the requests that have more: fields are checked in the order in which they stand in this file.</remarks>
internal abstract record TracePageRequest
{
    [Must(Be.Text)]
    public string? Filter { get; set; }

    [Must(Be.Integer, Max = 500)]
    public long? MaxResults { get; set; }

    [Must(Be.List | Be.ListOfText)]
    public List<string>? OrderBy { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}

internal sealed record SearchTracesResponse(List<TraceInfoBody> Traces, string? NextPageToken);

internal sealed record SearchTracesV2Response(List<TraceInfoV2Body> Traces, string? NextPageToken);

internal sealed record CorrelationRequest
{
    [Must(Be.List | Be.Required | Be.ListOfText)]
    public List<string> ExperimentIds { get; set; } = null!;

    [Must(Be.Text | Be.Required)]
    public string FilterString1 { get; set; } = null!;

    [Must(Be.Text | Be.Required)]
    public string FilterString2 { get; set; } = null!;

    [Must(Be.Text)]
    public string? BaseFilter { get; set; }
}

internal sealed record CorrelationResponse(double? Npmi, double? NpmiSmoothed, long Filter1Count, long Filter2Count, long JointCount, long TotalCount)
{
    public static CorrelationResponse Of(CorrelationCounts counts)
    {
        var (plain, smoothed) = Correlation.Of(counts);
        return new CorrelationResponse(plain, smoothed, counts.First, counts.Second, counts.Joint, counts.Total);
    }
}
