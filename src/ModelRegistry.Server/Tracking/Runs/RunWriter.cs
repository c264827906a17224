using ModelRegistry.Server.Data;
using ModelRegistry.Server.Tracking.Metrics;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>Writes of metrics, and of metrics, parameters and tags at once.</summary>
internal sealed class RunWriter(TrackingWriter writer)
{
    public Task LogMetricAsync(Caller caller, string runId, MetricPoint point, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope => await MetricStore.LogAsync(scope, await ActiveRun.GetAsync(scope, caller.Workspace, runId), [point]), cancellationToken, ActiveRun.Row(runId));

    /// <summary>All or nothing: MLflow commits the parts one by one, but a refused part never leaves a later one behind.</summary>
    public Task LogBatchAsync(Caller caller, string runId, LogBatch batch, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var run = await ActiveRun.GetAsync(scope, caller.Workspace, runId);
                if (batch.Params.Count > 0)
                    await ParamStore.LogAsync(scope, runId, batch.Params);
                await MetricStore.LogAsync(scope, run, batch.Metrics);
                if (batch.Tags.Count > 0)
                    await RunTagStore.SetAsync(scope, runId, batch.Tags);
            },
            cancellationToken,
            ActiveRun.Row(runId));
}

/// <summary>A checked batch.</summary>
internal sealed record LogBatch(IReadOnlyList<MetricPoint> Metrics, IReadOnlyList<RunParamRow> Params, IReadOnlyList<RunTagRow> Tags);
