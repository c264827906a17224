using System.Text.Json;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Evaluation datasets themselves: their life, tags, experiments and search.</summary>
internal sealed class EvaluationDatasetEndpoints(EvaluationDatasetStore store, EvaluationDatasetLinks links, EvaluationDatasetSearch search)
{
    private const int DefaultResults = 1000;
    private const int MaxResults = 50_000;

    public void Map(RpcRoutes rpc)
    {
        Open(rpc.Post<CreateEvaluationDatasetRequest, EvaluationDatasetResponse>("datasets/create", CreateAsync, ApiVersion.V3));
        Open(rpc.Get<SearchEvaluationDatasetsRequest, EvaluationDatasetsResponse>("datasets/search", SearchAsync, ApiVersion.V3));
        Open(rpc.Post<SearchEvaluationDatasetsRequest, EvaluationDatasetsResponse>("datasets/search", SearchAsync, ApiVersion.V3));
        Open(rpc.Get<EvaluationDatasetIdRequest, EvaluationDatasetResponse>("datasets/{dataset_id}", GetAsync, ApiVersion.V3));
        Open(rpc.Delete<EvaluationDatasetIdRequest, EmptyResponse>("datasets/{dataset_id}", DeleteAsync, ApiVersion.V3));
        Open(rpc.Patch<SetDatasetTagsRequest, EmptyResponse>("datasets/{dataset_id}/tags", SetTagsAsync, ApiVersion.V3));
        Open(rpc.Delete<DeleteDatasetTagRequest, EmptyResponse>("datasets/{dataset_id}/tags/{key}", DeleteTagAsync, ApiVersion.V3));
        Open(rpc.Get<EvaluationDatasetIdRequest, EvaluationDatasetExperimentsResponse>("datasets/{dataset_id}/experiment-ids", ListExperimentsAsync, ApiVersion.V3));
        Open(rpc.Post<EvaluationDatasetExperimentsRequest, EvaluationDatasetResponse>("datasets/{dataset_id}/add-experiments", AddExperimentsAsync, ApiVersion.V3));
        Open(rpc.Post<EvaluationDatasetExperimentsRequest, EvaluationDatasetResponse>("datasets/{dataset_id}/remove-experiments", RemoveExperimentsAsync, ApiVersion.V3));
    }

    /// <summary>MLflow has no permissions on datasets: whoever is known to the server may use them.</summary>
    internal static void Open(RpcConventions route) => route.RequirePermission(Permission.Authenticated, Resource.Server);

    /// <summary>Creates an evaluation dataset.</summary>
    private async Task<EvaluationDatasetResponse> CreateAsync(
        CreateEvaluationDatasetRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var tags = string.IsNullOrEmpty(request.Tags) ? [] : EmbeddedJson.Members(EmbeddedJson.Parse(request.Tags, "tags"), "tags");
        var experimentIds = request.ExperimentIds ?? [];
        var dataset = await store.CreateAsync(context.Caller, request.Name, tags, experimentIds, cancellationToken);
        return new EvaluationDatasetResponse(EvaluationDatasetBody.From(dataset, experimentIds));
    }

    /// <summary>One evaluation dataset.</summary>
    private async Task<EvaluationDatasetResponse> GetAsync(
        EvaluationDatasetIdRequest request, RequestContext context, CancellationToken cancellationToken) =>
        Answer(await store.GetAsync(context.Workspace, request.DatasetId!, cancellationToken));

    /// <summary>Deletes an evaluation dataset with its records.</summary>
    private async Task<EmptyResponse> DeleteAsync(EvaluationDatasetIdRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(context.Caller, request.DatasetId!, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Sets tags of an evaluation dataset.</summary>
    private async Task<EmptyResponse> SetTagsAsync(SetDatasetTagsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var tags = EmbeddedJson.Parse(request.Tags, "tags");
        if (tags.ValueKind != JsonValueKind.Object)
            throw ApiException.Invalid("tags must be a JSON object");
        await store.SetTagsAsync(context.Caller, request.DatasetId!, EmbeddedJson.Members(tags, "tags"), cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Deletes a tag of an evaluation dataset.</summary>
    private async Task<EmptyResponse> DeleteTagAsync(DeleteDatasetTagRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await store.DeleteTagAsync(context.Caller, request.DatasetId!, request.Key!, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>The experiments that an evaluation dataset belongs to.</summary>
    private async Task<EvaluationDatasetExperimentsResponse> ListExperimentsAsync(
        EvaluationDatasetIdRequest request, RequestContext context, CancellationToken cancellationToken) =>
        new(await links.ListAsync(context.Workspace, request.DatasetId!, cancellationToken));

    /// <summary>Adds an evaluation dataset to experiments.</summary>
    private async Task<EvaluationDatasetResponse> AddExperimentsAsync(
        EvaluationDatasetExperimentsRequest request, RequestContext context, CancellationToken cancellationToken) =>
        Answer(await links.AddAsync(context.Caller, request.DatasetId!, request.ExperimentIds ?? [], cancellationToken));

    /// <summary>Takes an evaluation dataset out of experiments.</summary>
    private async Task<EvaluationDatasetResponse> RemoveExperimentsAsync(
        EvaluationDatasetExperimentsRequest request, RequestContext context, CancellationToken cancellationToken) =>
        Answer(await links.RemoveAsync(context.Caller, request.DatasetId!, request.ExperimentIds ?? [], cancellationToken));

    /// <summary>Finds evaluation datasets by a filter.</summary>
    private async Task<EvaluationDatasetsResponse> SearchAsync(
        SearchEvaluationDatasetsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var limit = request.MaxResults ?? DefaultResults;
        CheckLimit(limit);
        var query = new EvaluationDatasetQuery(request.ExperimentIds ?? [], request.FilterString, limit, request.OrderBy ?? [], request.PageToken);
        var page = await search.FindAsync(context.Workspace, query, cancellationToken);
        return new EvaluationDatasetsResponse([.. page.Datasets.Select(dataset => EvaluationDatasetBody.From(dataset))], page.NextPageToken);
    }

    private static void CheckLimit(int limit)
    {
        if (limit < 1)
        {
            throw ApiException.Invalid(
                $"Invalid value {(limit == 0 ? "None" : limit)} for parameter 'max_results' supplied. It must be a positive integer");
        }

        if (limit > MaxResults)
            throw ApiException.Invalid($"Invalid value {limit} for parameter 'max_results' supplied. It must be at most {MaxResults}");
    }

    private static EvaluationDatasetResponse Answer(EvaluationDataset dataset) => new(EvaluationDatasetBody.From(dataset));
}
