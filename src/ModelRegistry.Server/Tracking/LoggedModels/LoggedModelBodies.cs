using System.Globalization;
using System.Text.Json.Serialization;
using ModelRegistry.Server.Http.Json;

namespace ModelRegistry.Server.Tracking.LoggedModels;

/// <summary>A logged model as every call answers it.</summary>
internal sealed record LoggedModelBody(LoggedModelInfoBody Info, LoggedModelDataBody Data);

internal sealed record LoggedModelInfoBody(
    string ModelId,
    string ExperimentId,
    string Name,
    long CreationTimestampMs,
    long LastUpdatedTimestampMs,
    string ArtifactUri,
    LoggedModelStatus Status,
    string? ModelType,
    string? SourceRunId,
    List<LoggedModelPairBody> Tags)
{
    public static LoggedModelInfoBody From(LoggedModelRow row, List<LoggedModelPairBody> tags) => new(
        row.ModelId,
        row.ExperimentId.ToString(CultureInfo.InvariantCulture),
        row.Name,
        row.CreationTimestampMs,
        row.LastUpdatedTimestampMs,
        row.ArtifactLocation,
        (LoggedModelStatus)row.Status,
        row.ModelType,
        row.SourceRunId,
        tags);
}

internal sealed record LoggedModelDataBody(List<LoggedModelPairBody> Params, List<LoggedModelMetricBody> Metrics);

/// <summary>A parameter or a tag.</summary>
internal sealed record LoggedModelPairBody(string Key, string Value);

internal sealed record LoggedModelMetricBody(
    string Key, double? Value, long Timestamp, long Step, string? DatasetName, string? DatasetDigest, string ModelId, string RunId);

/// <summary>How far the upload of a logged model's files is; stored as its number.</summary>
[JsonConverter(typeof(WireEnumConverter<LoggedModelStatus>))]
internal enum LoggedModelStatus
{
    LoggedModelStatusUnspecified = 0,
    LoggedModelPending = 1,
    LoggedModelReady = 2,
    LoggedModelUploadFailed = 3,
}
