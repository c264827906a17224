using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Tracking.Metrics;

/// <summary>Rows of <c>latest_metrics</c>: the last point of each key of a run.</summary>
internal static class LatestMetrics
{
    private static readonly string[] Columns = ["\"key\"", "value", "timestamp", "step", "is_nan", "run_uuid"];

    /// <summary>Takes over the points that are later than what is stored.</summary>
    public static Insertion Advance(SqlDialect dialect, string runId, IReadOnlyList<MetricPoint> points) => new(
        "latest_metrics",
        Columns,
        BestPerKey(points).ConvertAll(point => Row(runId, point)),
        dialect.OnConflictAdvance("\"key\", run_uuid", ["value", "timestamp", "step", "is_nan"], ["step", "timestamp", "value"]));

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
