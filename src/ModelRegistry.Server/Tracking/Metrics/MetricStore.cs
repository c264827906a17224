using ModelRegistry.Server.Data;
using ModelRegistry.Server.Tracking.LoggedModels;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Tracking.Metrics;

/// <summary>Rows of <c>metrics</c>, every point once.</summary>
internal static class MetricStore
{
    private static readonly string[] Columns = ["\"key\"", "value", "timestamp", "run_uuid", "step", "is_nan"];

    /// <summary>Adds points to a run that was checked already, and moves its latest metrics along.</summary>
    public static async Task LogAsync(SqlScope scope, RunLocation run, IReadOnlyList<MetricPoint> points)
    {
        if (points.Count == 0)
            return;
        var added = new Insertion(
            "metrics",
            Columns,
            [.. points.Select(point => new object?[] { point.Key, point.Value, point.Timestamp, run.RunId, point.Step, point.IsNan })],
            scope.Dialect.OnConflictNothing("\"key\", timestamp, step, run_uuid, value, is_nan"));
        await scope.InsertAsync(added, LatestMetrics.Advance(scope.Dialect, run.RunId, points));
        await LoggedModelMetricStore.LogAsync(scope, run, points);
    }
}

/// <summary>One measurement as it is stored: NaN is 0 with a flag, infinities are the greatest finite numbers.</summary>
internal sealed record MetricPoint(
    string Key, double Value, bool IsNan, long Timestamp, long Step, string? ModelId, string? DatasetName, string? DatasetDigest)
{
    public static MetricPoint From(MetricInput input) => new(
        input.Key ?? "",
        Storable(input.Value ?? 0),
        double.IsNaN(input.Value ?? 0),
        input.Timestamp ?? 0,
        input.Step ?? 0,
        NullIfEmpty(input.ModelId),
        NullIfEmpty(input.DatasetName),
        NullIfEmpty(input.DatasetDigest));

    /// <summary>Whether this point is the later one: greater step, then timestamp, then value.</summary>
    public bool IsAfter(long step, long timestamp, double value) =>
        Step != step ? Step > step : Timestamp != timestamp ? Timestamp > timestamp : Value > value;

    private static double Storable(double value) =>
        double.IsNaN(value) ? 0 : Math.Clamp(value, double.MinValue, double.MaxValue);

    private static string? NullIfEmpty(string? text) => text is "" ? null : text;
}
