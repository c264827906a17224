using System.Globalization;
using System.Text.Json.Serialization;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Traces.Assessments;

namespace ModelRegistry.Server.Traces;

/// <summary>A trace in the form of MLflow 3, without its spans.</summary>
internal sealed record TraceInfoBody(
    string TraceId,
    string? ClientRequestId,
    TraceLocationBody TraceLocation,
    [property: JsonConverter(typeof(TimestampConverter))] long RequestTime,
    [property: JsonConverter(typeof(DurationConverter))] long? ExecutionDuration,
    string State,
    Dictionary<string, string>? TraceMetadata,
    List<AssessmentBody> Assessments,
    Dictionary<string, string>? Tags,
    string? RequestPreview,
    string? ResponsePreview)
{
    public static TraceInfoBody From(Trace trace)
    {
        var row = trace.Row;
        return new TraceInfoBody(
            row.RequestId,
            row.ClientRequestId,
            TraceLocationBody.Of(row.ExperimentId),
            row.TimestampMs,
            row.ExecutionTimeMs,
            row.Status,
            Map(trace.Metadata, TraceInfoBodies.MaxMetadata),
            [.. trace.Assessments.Select(AssessmentBody.From)],
            Map(trace.Tags, TraceInfoBodies.MaxTag),
            row.RequestPreview,
            row.ResponsePreview);
    }

    private static Dictionary<string, string>? Map(List<TraceItemRow> items, int maxValue) =>
        items.Count == 0 ? null : TraceInfoBodies.Cut(items, maxValue).ToDictionary(item => item.Key, item => item.Value);
}

internal sealed record TraceLocationBody(string Type, ExperimentLocationBody MlflowExperiment)
{
    public static TraceLocationBody Of(long experimentId) =>
        new("MLFLOW_EXPERIMENT", new ExperimentLocationBody(experimentId.ToString(CultureInfo.InvariantCulture)));
}

internal sealed record ExperimentLocationBody(string ExperimentId);

/// <summary>A trace in the form of MLflow 2.</summary>
internal sealed record TraceInfoV2Body(
    string RequestId,
    string ExperimentId,
    long TimestampMs,
    long ExecutionTimeMs,
    string Status,
    List<TraceItemBody> RequestMetadata,
    List<TraceItemBody> Tags)
{
    public static TraceInfoV2Body From(Trace trace) => new(
        trace.Row.RequestId,
        trace.Row.ExperimentId.ToString(CultureInfo.InvariantCulture),
        trace.Row.TimestampMs,
        trace.Row.ExecutionTimeMs ?? 0,
        trace.Row.Status == TraceStates.Unspecified ? "TRACE_STATUS_UNSPECIFIED" : trace.Row.Status,
        TraceInfoBodies.Cut(trace.Metadata, TraceInfoBodies.MaxMetadata),
        TraceInfoBodies.Cut(trace.Tags, TraceInfoBodies.MaxTag));
}

internal sealed record TraceItemBody(string Key, string Value);

internal static class TraceInfoBodies
{
    public const int MaxMetadata = 250;
    public const int MaxTag = 4096;
    private const int MaxKey = 250;

    /// <summary>Answers carry less of a value than the database holds.</summary>
    public static List<TraceItemBody> Cut(List<TraceItemRow> items, int maxValue) =>
        [.. items.Select(item => new TraceItemBody(KeyRules.Truncate(item.Key, MaxKey), KeyRules.Truncate(item.Value ?? "None", maxValue)))];
}
