using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Metrics;

/// <summary>The metrics of each view: what one may make of them and group them by, and the SQL of both.</summary>
internal static class MetricsCatalog
{
    private static readonly AggregationType[] CountOnly = [AggregationType.Count];
    private static readonly AggregationType[] Average = [AggregationType.Avg, AggregationType.Percentile];
    private static readonly AggregationType[] Amount = [AggregationType.Sum, AggregationType.Avg, AggregationType.Percentile];

    private static readonly MetricsView Traces = new(
        From: "trace_info t",
        TimeMs: "t.timestamp_ms",
        NanoPerTime: 1,
        Metrics: new OrderedDictionary<string, MetricKind>
        {
            ["trace_count"] = new("t.request_id", CountOnly, ["trace_name", "trace_status"]),
            ["latency"] = new("t.execution_time_ms", Average, ["trace_name"]),
            ["input_tokens"] = Tokens,
            ["output_tokens"] = Tokens,
            ["total_tokens"] = Tokens,
            ["cache_read_input_tokens"] = Tokens,
            ["cache_creation_input_tokens"] = Tokens,
        },
        Dimensions: new Dictionary<string, MetricDimension>
        {
            ["trace_name"] = new("n.value", $"JOIN trace_tags n ON n.request_id = t.request_id AND n.\"key\" = '{TraceKeys.TraceName}'"),
            ["trace_status"] = new("t.status"),
        });

    private static readonly MetricsView Spans = new(
        From: "trace_info t JOIN spans s ON s.trace_id = t.request_id",
        TimeMs: "s.start_time_unix_nano",
        NanoPerTime: 1_000_000,
        Metrics: new OrderedDictionary<string, MetricKind>
        {
            ["span_count"] = new("s.span_id", CountOnly, ["span_name", "span_type", "span_status", "span_model_name", "span_model_provider"]),
            ["latency"] = new("((s.duration_ns - s.duration_ns % 1000000) / 1000000)", Average, ["span_name", "span_status"]),
            ["input_cost"] = Cost,
            ["output_cost"] = Cost,
            ["total_cost"] = Cost,
        },
        Dimensions: new Dictionary<string, MetricDimension>
        {
            ["span_name"] = new("s.name"),
            ["span_type"] = new("s.type"),
            ["span_status"] = new("s.status"),
            ["span_model_name"] = new(FromJson(SpanKeys.Model), IsJson: true),
            ["span_model_provider"] = new(FromJson(SpanKeys.Provider), IsJson: true),
        });

    private static readonly MetricsView Assessments = new(
        From: "trace_info t JOIN assessments a ON a.trace_id = t.request_id",
        TimeMs: "a.created_timestamp",
        NanoPerTime: 1,
        Metrics: new OrderedDictionary<string, MetricKind>
        {
            ["assessment_count"] = new("a.assessment_id", CountOnly, ["assessment_name", "assessment_value"]),
            ["assessment_value"] = new(AssessmentNumber, Average, ["assessment_name"]),
        },
        Dimensions: new Dictionary<string, MetricDimension>
        {
            ["assessment_name"] = new("a.name"),
            ["assessment_value"] = new("a.value"),
        });

    private static MetricKind Tokens => new("m.value", Amount, ["trace_name"], "JOIN trace_metrics m ON m.request_id = t.request_id AND m.\"key\" = @metric");

    private static MetricKind Cost => new(
        "m.value", Amount, ["span_model_name", "span_model_provider"],
        "JOIN span_metrics m ON m.trace_id = s.trace_id AND m.span_id = s.span_id AND m.\"key\" = @metric");

    /// <summary>The column holds JSON: true, "yes" and numbers count, lists, objects and other texts do not.</summary>
    private static string AssessmentNumber =>
        """
        CASE WHEN a.value IN ('true', '"yes"') THEN 1.0 WHEN a.value IN ('false', '"no"') THEN 0.0
            WHEN a.value = 'null' OR substr(a.value, 1, 1) IN ('"', '[', '{') THEN NULL ELSE a.value + 0.0 END
        """;

    public static MetricsView Of(MetricView view) => view switch
    {
        MetricView.Spans => Spans,
        MetricView.Assessments => Assessments,
        _ => Traces,
    };

    /// <exception cref="ApiException">The view lacks the metric, or the metric the aggregation or dimension.</exception>
    public static void Check(MetricsQuery query)
    {
        var view = Of(query.View);
        if (!view.Metrics.TryGetValue(query.MetricName, out var metric))
            throw ApiException.Invalid($"metric_name must be one of {PythonText.Repr(view.Metrics.Keys)}, got '{query.MetricName}'");
        var wrong = query.Aggregations.Select(one => one.Type).Except(metric.Aggregations).ToList();
        if (wrong.Count > 0)
        {
            throw ApiException.Invalid(
                $"Found invalid aggregation_type(s): {Names(wrong)}. Supported aggregation types: {Names(metric.Aggregations)}");
        }

        var unknown = query.Dimensions.Except(metric.Dimensions).Order(StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            throw ApiException.Invalid(
                $"Found invalid dimension(s): {PythonText.Repr(unknown)}. "
                + $"Supported dimensions: {PythonText.Repr(metric.Dimensions.Order(StringComparer.Ordinal))}");
        }

        if (query.IntervalSeconds is not null && (query.StartMs is null || query.EndMs is null))
            throw ApiException.Invalid("start_time_ms and end_time_ms are required if time_interval_seconds is set");
    }

    private static string FromJson(string key) => $"JSON_EXTRACT(s.dimension_attributes, '$.\"{key}\"')";

    private static string Names(IEnumerable<AggregationType> types) =>
        PythonText.Repr(types.Select(WireEnumConverter<AggregationType>.NameOf).Order(StringComparer.Ordinal));
}

/// <param name="TimeMs">When a row happened.</param>
/// <param name="NanoPerTime">Units of <paramref name="TimeMs"/> in a millisecond.</param>
internal sealed record MetricsView(
    string From, string TimeMs, long NanoPerTime, OrderedDictionary<string, MetricKind> Metrics, Dictionary<string, MetricDimension> Dimensions);

/// <param name="Value">Expression of the value that is counted or added up.</param>
internal sealed record MetricKind(string Value, AggregationType[] Aggregations, string[] Dimensions, string Join = "");

/// <param name="IsJson">Some databases answer such an expression with a JSON text, others with the text itself.</param>
internal sealed record MetricDimension(string Value, string Join = "", bool IsJson = false);
