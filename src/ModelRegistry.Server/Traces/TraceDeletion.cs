using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Tracking;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Traces;

/// <summary>Deletes traces for good, with all rows that belong to them; their files stay.</summary>
internal sealed class TraceDeletion(TrackingWriter writer)
{
    public void Map(RpcRoutes rpc)
    {
        rpc.Post<DeleteTracesRequest, DeleteTracesResponse>("traces/delete-traces", DeleteAsync)
            .RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Post<DeleteTracesRequest, DeleteTracesResponse>("traces/delete-traces", DeleteAsync, ApiVersion.V3)
            .RequirePermission(Permission.Edit, Resource.Experiment);
    }

    /// <summary>Deletes traces of an experiment, by their ids or by age.</summary>
    private async Task<DeleteTracesResponse> DeleteAsync(DeleteTracesRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        CheckChoice(request);
        return new DeleteTracesResponse(await writer.WriteAsync(
            context.Caller,
            TrackingChange.TracesDeleted(request.ExperimentId),
            async write =>
            {
                var scope = write.Scope;
                var experiments = await ExperimentLocator.VisibleAsync(scope, context.Workspace, [request.ExperimentId]);
                var ids = experiments.Count == 0 ? [] : await FindAsync(scope, context.Workspace, experiments[0], request);
                await scope.ExecuteInChunksAsync("DELETE FROM trace_info WHERE request_id IN @chunk", ids, chunk => new { chunk });
                write.Change = ids.Count == 0 ? null : TrackingChange.TracesDeleted(request.ExperimentId, ids.Count);
                return ids.Count;
            },
            cancellationToken));
    }

    private static async Task<List<string>> FindAsync(SqlScope scope, Workspace workspace, long experimentId, DeleteTracesRequest request)
    {
        if (request.RequestIds is { Count: > 0 } wanted)
        {
            var rows = await TraceReader.RowsAsync(scope, workspace, [.. wanted.Distinct()], scope.Dialect.ForUpdate);
            return [.. rows.Where(row => row.ExperimentId == experimentId).Select(row => row.RequestId)];
        }

        return await scope.QueryAsync<string>(
            $"""
            SELECT t.request_id FROM trace_info t
            WHERE t.experiment_id = @experimentId AND t.timestamp_ms <= @MaxTimestampMillis
            ORDER BY t.timestamp_ms
            LIMIT @limit {scope.Dialect.ForUpdate}
            """,
            new { experimentId, request.MaxTimestampMillis, limit = request.MaxTraces ?? long.MaxValue });
    }

    private static void CheckChoice(DeleteTracesRequest request)
    {
        var hasIds = request.RequestIds is { Count: > 0 };
        if (request.MaxTimestampMillis is null && !hasIds)
            throw ApiException.Invalid("Either `max_timestamp_millis` or `trace_ids` must be specified.");
        if (request.MaxTimestampMillis is not (null or 0) && hasIds)
            throw ApiException.Invalid("Only one of `max_timestamp_millis` and `trace_ids` can be specified.");
        if (hasIds && request.MaxTraces is not null)
            throw ApiException.Invalid("`max_traces` can't be specified if `trace_ids` is specified.");
        if (request.MaxTraces <= 0)
            throw ApiException.Invalid($"`max_traces` must be a positive integer, received {request.MaxTraces}.");
    }
}

internal sealed record DeleteTracesRequest
{
    [Must(Be.Text | Be.Required)]
    public string ExperimentId { get; set; } = null!;

    [Must(Be.Integer)]
    public long? MaxTimestampMillis { get; set; }

    [Must(Be.Integer)]
    public int? MaxTraces { get; set; }

    [Must(Be.List | Be.ListOfText)]
    public List<string>? RequestIds { get; set; }
}

internal sealed record DeleteTracesResponse(int TracesDeleted);
