using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Traces.Assessments;
using ModelRegistry.Server.Tracking;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Traces;

/// <summary>Rows of <c>trace_info</c> with their tags, metadata and assessments.</summary>
internal sealed class TraceStore(TrackingDatabase database, TrackingWriter writer)
{
    /// <summary>Where the files of a trace go; runs have a folder beside it.</summary>
    public static string ArtifactLocation(ExperimentLocation experiment, string traceId) => experiment.Below("traces", traceId, "artifacts");

    public Task<Trace> GetAsync(Workspace workspace, string traceId, CancellationToken cancellationToken) =>
        database.ReadAsync(scope => TraceReader.GetAsync(scope, workspace, traceId), cancellationToken);

    public Task<List<Trace>> ListAsync(Workspace workspace, IReadOnlyList<string> traceIds, CancellationToken cancellationToken) =>
        database.ReadAsync(scope => TraceReader.ListAsync(scope, workspace, traceIds), cancellationToken);

    /// <summary>Stores a trace that its client has finished. Spans may have made it before; then the client's word replaces theirs.</summary>
    /// <returns>The trace; one that was there before comes without metadata, as in MLflow.</returns>
    public Task<Trace> StartAsync(Caller caller, NewTrace trace, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var experiment = await ExperimentLocator.GetActiveAsync(scope, caller.Workspace, trace.ExperimentId);
                var row = trace.Row with { ExperimentId = experiment.ExperimentId };
                // Insert and update, always: a row that spans make at this very moment is then found by one of the two.
                var isNew = (await TraceReader.RowsAsync(scope, caller.Workspace, [row.RequestId])).Count == 0;
                await InsertAsync(scope, row);
                await UpdateAsync(scope, caller.Workspace, row);
                await SaveDetailsAsync(scope, trace, ArtifactLocation(experiment, row.RequestId));
                var saved = await TraceReader.GetAsync(scope, caller.Workspace, row.RequestId);
                return isNew ? saved : saved with { Metadata = [] };
            },
            cancellationToken);

    /// <summary>Opens a trace in the way of MLflow 2: the server gives the id.</summary>
    public Task<Trace> OpenAsync(
        Caller caller, string experimentId, long timestampMs, TraceItemInputs items, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var experiment = await ExperimentLocator.GetActiveAsync(scope, caller.Workspace, experimentId);
                var row = new TraceRow
                {
                    RequestId = Guid.NewGuid().ToString("N"),
                    ExperimentId = experiment.ExperimentId,
                    TimestampMs = timestampMs,
                    Status = TraceStates.InProgress,
                };
                await InsertAsync(scope, row);
                await SaveItemsAsync(scope, row.RequestId, items);
                await TraceItems.UpsertAsync(
                    scope, "trace_tags", [[row.RequestId, TraceKeys.ArtifactLocation, ArtifactLocation(experiment, row.RequestId)]]);
                return await TraceReader.GetAsync(scope, caller.Workspace, row.RequestId);
            },
            cancellationToken);

    /// <summary>Ends a trace in the way of MLflow 2.</summary>
    public Task<Trace> CloseAsync(
        Caller caller, string traceId, long timestampMs, string status, TraceItemInputs items, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                if (!await TraceReader.ExistsAsync(scope, caller.Workspace, traceId))
                    throw TraceReader.NotFound(traceId);
                await scope.ExecuteAsync(
                    "UPDATE trace_info SET execution_time_ms = @timestampMs - timestamp_ms, status = @status WHERE request_id = @traceId",
                    new { traceId, timestampMs, status });
                await SaveItemsAsync(scope, traceId, items);
                return await TraceReader.GetAsync(scope, caller.Workspace, traceId);
            },
            cancellationToken);

    private static Task<int> InsertAsync(SqlScope scope, TraceRow row) =>
        scope.ExecuteAsync(
            $"""
            INSERT INTO trace_info
                (request_id, experiment_id, timestamp_ms, execution_time_ms, status, client_request_id, request_preview, response_preview)
            VALUES (@RequestId, @ExperimentId, @TimestampMs, @ExecutionTimeMs, @Status, @ClientRequestId, @RequestPreview, @ResponsePreview)
            {scope.Dialect.OnConflictNothing("request_id")}
            """,
            row);

    private static async Task UpdateAsync(SqlScope scope, Workspace workspace, TraceRow row)
    {
        if ((await TraceReader.RowsAsync(scope, workspace, [row.RequestId], scope.Dialect.ForUpdate)).Count == 0)
            throw ApiException.BadRequest($"Trace with ID '{row.RequestId}' exists already in another place.");
        await scope.ExecuteAsync(
            """
            UPDATE trace_info SET
                experiment_id = @ExperimentId, timestamp_ms = @TimestampMs, execution_time_ms = @ExecutionTimeMs, status = @Status,
                client_request_id = @ClientRequestId, request_preview = COALESCE(@RequestPreview, request_preview),
                response_preview = COALESCE(@ResponsePreview, response_preview)
            WHERE request_id = @RequestId
            """,
            row);
    }

    private static async Task SaveDetailsAsync(SqlScope scope, NewTrace trace, string artifactLocation)
    {
        var id = trace.Row.RequestId;
        await SaveItemsAsync(scope, id, trace.Items);
        await TraceItems.UpsertAsync(scope, "trace_tags", [[id, TraceKeys.ArtifactLocation, artifactLocation]]);
        await TraceItems.UpsertAsync(scope, "trace_request_metadata", [[id, TraceKeys.Finalized, "true"]]);
        await TraceItems.UpsertMetricsAsync(scope, [.. TraceItems.TokenMetrics(id, trace.Items.Metadata.GetValueOrDefault(TraceKeys.TokenUsage))]);
        await AssessmentStore.InsertAsync(scope, trace.Assessments);
    }

    private static async Task SaveItemsAsync(SqlScope scope, string traceId, TraceItemInputs items)
    {
        await TraceItems.UpsertAsync(scope, "trace_tags", [.. items.Tags.Select(tag => new object?[] { traceId, tag.Key, tag.Value })]);
        await TraceItems.UpsertAsync(scope, "trace_request_metadata", [.. items.Metadata.Select(item => new object?[] { traceId, item.Key, item.Value })]);
    }
}

/// <summary>Tags and metadata of a trace as they came in.</summary>
internal sealed record TraceItemInputs(IReadOnlyDictionary<string, string> Tags, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A trace as its client describes it; <see cref="Row"/> lacks the experiment, which is still to be looked up.</summary>
internal sealed record NewTrace(string ExperimentId, TraceRow Row, TraceItemInputs Items, List<AssessmentRow> Assessments);
