using System.Globalization;
using ModelRegistry.Server.Tracking.Inputs;
using ModelRegistry.Server.Tracking.Metrics;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>A run as every call answers it. <see cref="Outputs"/> is left out by create alone.</summary>
internal sealed record RunBody(RunInfoBody Info, RunDataBody Data, RunInputsBody Inputs, RunOutputsBody? Outputs);

internal sealed record RunInfoBody(
    string RunUuid,
    string ExperimentId,
    string? RunName,
    string? UserId,
    string? Status,
    long? StartTime,
    long? EndTime,
    string? ArtifactUri,
    string? LifecycleStage,
    string RunId)
{
    public static RunInfoBody From(RunRow row) => new(
        row.RunUuid,
        row.ExperimentId.ToString(CultureInfo.InvariantCulture),
        row.Name is "" ? null : row.Name,
        row.UserId,
        row.Status,
        row.StartTime,
        row.EndTime is 0 ? null : row.EndTime,
        row.ArtifactUri is "" ? null : row.ArtifactUri,
        row.LifecycleStage,
        row.RunUuid);
}

internal sealed record RunDataBody(List<RunMetricBody> Metrics, List<RunParamBody> Params, List<RunTagBody> Tags)
{
    public static RunDataBody Empty() => new([], [], []);
}

internal sealed record RunMetricBody(string Key, double Value, long Timestamp, long Step)
{
    public static RunMetricBody From(LatestMetricRow row) =>
        new(row.Key, row.IsNan ? double.NaN : row.Value, row.Timestamp ?? 0, row.Step);
}

internal sealed record RunParamBody(string Key, string Value);

internal sealed record RunTagBody(string Key, string? Value);

internal sealed record RunInputsBody(List<DatasetInputBody> DatasetInputs, List<ModelInputBody> ModelInputs)
{
    public static readonly RunInputsBody Empty = new([], []);
}

internal sealed record RunOutputsBody(List<ModelOutputBody> ModelOutputs);
