using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Tracking;

/// <summary>Rows of <c>latest_metrics</c>: the last point of each key of a run.</summary>
internal static class LatestMetrics
{
    private const int MaxKeysPerStatement = 100;
    private const string Key = "\"key\", run_uuid";
    private static readonly string[] Columns = ["\"key\"", "value", "timestamp", "step", "is_nan", "run_uuid"];
    private static readonly string[] Changing = ["value", "timestamp", "step", "is_nan"];

    /// <summary>Takes over the points that are later than what is stored. The run's row is locked, so nobody else moves them meanwhile.</summary>
    public static async Task AdvanceAsync(SqlScope scope, string runId, IReadOnlyList<MetricPoint> points)
    {
        var best = BestPerKey(points);
        if (scope.Dialect.OnConflictAdvance is { } advance)
        {
            await InsertAsync(scope, runId, best, advance(Key, Changing, ["step", "timestamp", "value"]));
            return;
        }

        foreach (var candidates in best.Chunk(MaxKeysPerStatement))
        {
            var stored = await ReadAsync(scope, runId, [.. candidates.Select(point => point.Key)]);
            var later = candidates.Where(point => IsLater(point, stored.GetValueOrDefault(point.Key)));
            await InsertAsync(scope, runId, later, scope.Dialect.OnConflictUpdate(Key, Changing));
        }
    }

    private static Task InsertAsync(SqlScope scope, string runId, IEnumerable<MetricPoint> points, string tail) =>
        scope.InsertAsync("latest_metrics", Columns, [.. points.Select(point => Row(runId, point))], tail);

    private static async Task<Dictionary<string, LatestMetricRow>> ReadAsync(SqlScope scope, string runId, string[] keys)
    {
        var rows = await scope.QueryAsync<LatestMetricRow>(
            """SELECT "key", value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid = @runId AND "key" IN @keys""", new { runId, keys });
        return rows.ToDictionary(row => row.Key);
    }

    private static bool IsLater(MetricPoint point, LatestMetricRow? row) => row is null || point.IsAfter(row.Step, row.Timestamp ?? 0, row.Value);

    private static List<MetricPoint> BestPerKey(IReadOnlyList<MetricPoint> points)
    {
        var best = new Dictionary<string, MetricPoint>();
        foreach (var point in points)
        {
            if (!best.TryGetValue(point.Key, out var other) || point.IsAfter(other.Step, other.Timestamp, other.Value))
                best[point.Key] = point;
        }

        // Kept in the order of first appearance, which is the order MLflow answers them in.
        return [.. best.Values];
    }

    private static object?[] Row(string runId, MetricPoint point) =>
        [point.Key, point.Value, point.Timestamp, point.Step, point.IsNan, runId];
}

internal sealed record LatestMetricRow
{
    public string RunUuid { get; init; } = "";

    public required string Key { get; init; }

    public double Value { get; init; }

    public long? Timestamp { get; init; }

    public long Step { get; init; }

    public bool IsNan { get; init; }
}
