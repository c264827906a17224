using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking.Metrics;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Tracking.LoggedModels;

/// <summary>Rows of <c>logged_model_metrics</c>: points of a run that measure a logged model.</summary>
internal static class LoggedModelMetricStore
{
    private static readonly string[] Columns =
    [
        "model_id", "metric_name", "metric_timestamp_ms", "metric_step", "metric_value", "experiment_id", "run_id", "dataset_name",
        "dataset_digest",
    ];

    /// <summary>
    /// Stores the points that name a model. The dataset is kept by name and digest; MLflow leaves the column of its uuid empty.
    /// </summary>
    /// <exception cref="System.Data.Common.DbException">A foreign key violation: there is no such model.</exception>
    public static async Task LogAsync(SqlScope scope, RunLocation run, IReadOnlyList<MetricPoint> points)
    {
        var named = points.Where(point => point.ModelId is not null).Distinct().ToList();
        if (named.Count == 0)
            return;
        await scope.InsertAsync(
            "logged_model_metrics",
            Columns,
            [.. named.Select(point => Row(run, point))],
            scope.Dialect.OnConflictNothing("model_id, metric_name, metric_timestamp_ms, metric_step, run_id"));
        await RequireSameAsync(scope, run.RunId, named);
    }

    /// <summary>A model has one value per metric, time, step and run: the same point again is fine, another value is not.</summary>
    private static async Task RequireSameAsync(SqlScope scope, string runId, List<MetricPoint> points)
    {
        foreach (var chunk in points.Chunk(IdChunks.Size))
        {
            var models = chunk.Select(point => point.ModelId).Distinct();
            var names = chunk.Select(point => point.Key).Distinct();
            var times = chunk.Select(point => point.Timestamp).Distinct();
            var steps = chunk.Select(point => point.Step).Distinct();
            var stored = (await scope.QueryAsync<LoggedModelPointRow>(
                """
                SELECT model_id, metric_name, metric_timestamp_ms, metric_step, metric_value
                FROM logged_model_metrics
                WHERE model_id IN @models AND metric_name IN @names AND metric_timestamp_ms IN @times AND metric_step IN @steps AND run_id = @runId
                """,
                new { models, names, times, steps, runId }))
                .ToDictionary(row => (row.ModelId, row.MetricName, row.MetricTimestampMs, row.MetricStep), row => row.MetricValue);
            if (chunk.Any(point => stored[(point.ModelId!, point.Key, point.Timestamp, point.Step)] != point.Value))
                throw ApiException.BadRequest("A metric of the model with the same key, timestamp, step and run has another value already.");
        }
    }

    private static object?[] Row(RunLocation run, MetricPoint point) =>
    [
        point.ModelId, point.Key, point.Timestamp, point.Step, point.Value, run.ExperimentId, run.RunId, point.DatasetName, point.DatasetDigest,
    ];

    private sealed record LoggedModelPointRow
    {
        public required string ModelId { get; init; }

        public required string MetricName { get; init; }

        public long MetricTimestampMs { get; init; }

        public long MetricStep { get; init; }

        public double? MetricValue { get; init; }
    }
}
