using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Tracking.LoggedModels;

/// <summary>Adds parameters, tags and metrics to logged models: three statements per 500 models.</summary>
internal static class LoggedModelDetails
{
    /// <summary>The models in the order given.</summary>
    public static async Task<List<LoggedModelBody>> AttachAsync(SqlScope scope, IReadOnlyList<LoggedModelRow> rows)
    {
        var bodies = new List<LoggedModelBody>(rows.Count);
        foreach (var chunk in rows.Chunk(IdChunks.Size))
        {
            var ids = chunk.Select(row => row.ModelId).ToArray();
            var tags = await PairsAsync(
                scope, "SELECT model_id, tag_key AS pair_key, tag_value AS pair_value FROM logged_model_tags WHERE model_id IN @ids", ids);
            var parameters = await PairsAsync(
                scope, "SELECT model_id, param_key AS pair_key, param_value AS pair_value FROM logged_model_params WHERE model_id IN @ids", ids);
            var metrics = await MetricsAsync(scope, ids);
            bodies.AddRange(chunk.Select(row => new LoggedModelBody(
                LoggedModelInfoBody.From(row, [.. tags[row.ModelId]]),
                new LoggedModelDataBody([.. parameters[row.ModelId]], [.. metrics[row.ModelId]]))));
        }

        return bodies;
    }

    private static async Task<ILookup<string, LoggedModelPairBody>> PairsAsync(SqlScope scope, string sql, string[] ids)
    {
        var rows = await scope.QueryAsync<PairRow>(sql, new { ids });
        return rows.ToLookup(row => row.ModelId, row => new LoggedModelPairBody(row.PairKey, row.PairValue));
    }

    private static async Task<ILookup<string, LoggedModelMetricBody>> MetricsAsync(SqlScope scope, string[] ids)
    {
        var rows = await scope.QueryAsync<MetricRow>(
            """
            SELECT model_id, metric_name, metric_value, metric_timestamp_ms, metric_step, dataset_name, dataset_digest, run_id
            FROM logged_model_metrics
            WHERE model_id IN @ids
            """,
            new { ids });
        return rows.ToLookup(row => row.ModelId, row => row.ToBody());
    }

    private sealed record PairRow
    {
        public required string ModelId { get; init; }

        public required string PairKey { get; init; }

        public required string PairValue { get; init; }
    }

    private sealed record MetricRow
    {
        public required string ModelId { get; init; }

        public required string MetricName { get; init; }

        public double? MetricValue { get; init; }

        public long MetricTimestampMs { get; init; }

        public long MetricStep { get; init; }

        public string? DatasetName { get; init; }

        public string? DatasetDigest { get; init; }

        public required string RunId { get; init; }

        public LoggedModelMetricBody ToBody() =>
            new(MetricName, MetricValue, MetricTimestampMs, MetricStep, DatasetName, DatasetDigest, ModelId, RunId);
    }
}
