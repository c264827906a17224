using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Metrics;

/// <summary>What is asked of traces/metrics.</summary>
internal sealed record MetricsQuery(
    IReadOnlyList<string> ExperimentIds,
    MetricView View,
    string MetricName,
    IReadOnlyList<Aggregation> Aggregations,
    IReadOnlyList<string> Dimensions,
    IReadOnlyList<string> Filters,
    long? IntervalSeconds,
    long? StartMs,
    long? EndMs,
    int MaxResults);

/// <summary>A way to make one number of many.</summary>
/// <param name="Percentile">From 0 to 100, for percentiles alone.</param>
internal sealed record Aggregation(AggregationType Type, double Percentile)
{
    /// <summary>Name of the value in the answer.</summary>
    public string Label => Type == AggregationType.Percentile ? $"P{PythonText.Repr(Percentile)}" : WireEnumConverter<AggregationType>.NameOf(Type);

    /// <exception cref="ApiException">A percentile without a number, or a number without a percentile.</exception>
    public static Aggregation Of(AggregationType type, double? percentile) => (type, percentile) switch
    {
        (AggregationType.Percentile, null) => throw ApiException.Invalid("Percentile value is required for PERCENTILE aggregation"),
        (AggregationType.Percentile, < 0 or > 100) =>
            throw ApiException.Invalid($"Percentile value must be between 0 and 100, got {PythonText.Repr(percentile.Value)}"),
        (not AggregationType.Percentile, not null) =>
            throw ApiException.Invalid(
                $"Percentile value is only allowed for PERCENTILE aggregation type, got {WireEnumConverter<AggregationType>.NameOf(type)}"),
        _ => new Aggregation(type, percentile ?? 0),
    };
}

/// <summary>One group of rows: what they have in common, and the numbers made of them.</summary>
internal sealed record TraceMetricPoint(Dictionary<string, string> Dimensions, Dictionary<string, double> Values);
