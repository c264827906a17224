using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Issues that were found in the traces of an experiment.</summary>
internal sealed class IssueEndpoints(IssueStore store, IssueSearch search)
{
    private const int DefaultResults = 100;
    private const int MaxResults = 50_000;

    public void Map(RpcRoutes rpc)
    {
        EvaluationDatasetEndpoints.Open(rpc.Post<CreateIssueRequest, IssueResponse>("issues", CreateAsync, ApiVersion.V3));
        EvaluationDatasetEndpoints.Open(rpc.Post<SearchIssuesRequest, IssuesResponse>("issues/search", SearchAsync, ApiVersion.V3));
        EvaluationDatasetEndpoints.Open(rpc.Get<IssueIdRequest, IssueResponse>("issues/{issue_id}", GetAsync, ApiVersion.V3));
        EvaluationDatasetEndpoints.Open(rpc.Patch<UpdateIssueRequest, IssueResponse>("issues/{issue_id}", UpdateAsync, ApiVersion.V3));
    }

    /// <summary>Creates an issue that was found in the traces of an experiment.</summary>
    private async Task<IssueResponse> CreateAsync(CreateIssueRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        IssueRules.CheckStatus(request.Status);
        IssueRules.CheckSeverity(request.Severity);
        return new IssueResponse(IssueBody.From(await store.CreateAsync(context.Caller, request, cancellationToken)));
    }

    /// <summary>One issue.</summary>
    private async Task<IssueResponse> GetAsync(IssueIdRequest request, RequestContext context, CancellationToken cancellationToken) =>
        new(IssueBody.From(await store.GetAsync(context.Workspace, request.IssueId!, cancellationToken)));

    /// <summary>Changes an issue: its name, description, status or severity.</summary>
    private async Task<IssueResponse> UpdateAsync(UpdateIssueRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        IssueRules.CheckStatus(request.Status);
        IssueRules.CheckSeverity(request.Severity);
        return new IssueResponse(IssueBody.From(await store.UpdateAsync(context.Caller, request, cancellationToken)));
    }

    /// <summary>Finds issues by a filter.</summary>
    private async Task<IssuesResponse> SearchAsync(SearchIssuesRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var limit = request.MaxResults ?? DefaultResults;
        if (limit < 1)
            throw ApiException.Invalid($"Invalid value {limit} for parameter 'max_results' supplied. It must be a positive integer");
        if (limit > MaxResults)
            throw ApiException.Invalid($"Invalid value {limit} for parameter 'max_results' supplied. It must be at most {MaxResults}");
        long? experiment = string.IsNullOrEmpty(request.ExperimentId) ? null : IssueRules.ParseExperimentId(request.ExperimentId);
        var query = new IssueQuery(experiment, request.FilterString, limit, request.PageToken, request.IncludeTraceCount ?? false);
        var page = await search.FindAsync(context.Workspace, query, cancellationToken);
        return new IssuesResponse([.. page.Issues.Select(IssueBody.From)], page.NextPageToken);
    }
}
