using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Evaluation;

/// <summary>The records of evaluation datasets.</summary>
internal sealed class DatasetRecordEndpoints(DatasetRecordStore store)
{
    private const int DefaultResults = 1000;
    private const string Path = "datasets/{dataset_id}/records";

    public void Map(RpcRoutes rpc)
    {
        EvaluationDatasetEndpoints.Open(rpc.Post<UpsertDatasetRecordsRequest, UpsertDatasetRecordsResponse>(Path, UpsertAsync, ApiVersion.V3));
        EvaluationDatasetEndpoints.Open(rpc.Get<GetDatasetRecordsRequest, DatasetRecordsResponse>(Path, ListAsync, ApiVersion.V3));
        EvaluationDatasetEndpoints.Open(rpc.Delete<DeleteDatasetRecordsRequest, DeleteDatasetRecordsResponse>(Path, DeleteAsync, ApiVersion.V3));
    }

    /// <summary>Adds records to an evaluation dataset. A record whose inputs are there already is changed.</summary>
    private Task<UpsertDatasetRecordsResponse> UpsertAsync(
        UpsertDatasetRecordsRequest request, RequestContext context, CancellationToken cancellationToken) =>
        store.UpsertAsync(context.Caller, request.DatasetId!, DatasetRecordInput.ParseAll(request.Records), cancellationToken);

    /// <summary>Lists the records of an evaluation dataset.</summary>
    private async Task<DatasetRecordsResponse> ListAsync(
        GetDatasetRecordsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var limit = request.MaxResults is null or 0 ? DefaultResults : request.MaxResults.Value;
        if (limit < 0)
            throw ApiException.Invalid($"Invalid value {limit} for parameter 'max_results' supplied. It must be a positive integer");
        var page = await store.ListAsync(context.Workspace, request.DatasetId!, limit, DatasetRecordCursor.Decode(request.PageToken), cancellationToken);
        return new DatasetRecordsResponse($"[{string.Join(", ", page.Records.Select(record => record.ToJson()))}]", page.NextPageToken);
    }

    /// <summary>Deletes records of an evaluation dataset.</summary>
    private async Task<DeleteDatasetRecordsResponse> DeleteAsync(
        DeleteDatasetRecordsRequest request, RequestContext context, CancellationToken cancellationToken) =>
        new(await store.DeleteAsync(context.Caller, request.DatasetId!, request.DatasetRecordIds ?? [], cancellationToken));
}
