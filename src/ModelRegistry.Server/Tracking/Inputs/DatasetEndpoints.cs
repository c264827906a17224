using System.Globalization;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Tracking.Inputs;

/// <summary>The UI's list of the datasets that runs of some experiments have read.</summary>
internal sealed class DatasetEndpoints(DatasetStore datasets)
{
    private const int MaxExperiments = 20;

    public void Map(RpcRoutes rpc) =>
        rpc.Post<SearchDatasetsRequest, SearchDatasetsResponse>("experiments/search-datasets", SearchAsync, ApiVersion.AjaxV2)
            .RequirePermission(Permission.Read, Resource.Experiment);

    /// <summary>The datasets that runs of up to 20 experiments have used.</summary>
    private async Task<SearchDatasetsResponse> SearchAsync(
        SearchDatasetsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var ids = request.ExperimentIds ?? [];
        if (ids.Count == 0)
            throw ApiException.Invalid("SearchDatasets request must specify at least one experiment_id.");
        if (ids.Count > MaxExperiments)
        {
            throw ApiException.Invalid(
                $"SearchDatasets request cannot specify more than {MaxExperiments} experiment_ids. Received {ids.Count} experiment_ids.");
        }

        var rows = await datasets.ListAsync(context.Workspace, [.. ids.Select(ExperimentRules.ParseId)], cancellationToken);
        return new SearchDatasetsResponse([.. rows.Select(DatasetSummaryBody.From)]);
    }
}

internal sealed record SearchDatasetsRequest
{
    public List<string>? ExperimentIds { get; set; }
}

internal sealed record SearchDatasetsResponse(List<DatasetSummaryBody> DatasetSummaries);

internal sealed record DatasetSummaryBody(string ExperimentId, string Name, string Digest, string? Context)
{
    public static DatasetSummaryBody From(DatasetSummaryRow row) =>
        new(row.ExperimentId.ToString(CultureInfo.InvariantCulture), row.Name, row.Digest, row.Context);
}
