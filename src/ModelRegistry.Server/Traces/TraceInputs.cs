using System.Text.Json.Serialization;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Traces.Assessments;

namespace ModelRegistry.Server.Traces;

/// <summary>A trace as a client of MLflow 3 sends it.</summary>
internal sealed record TraceInfoInput
{
    public string? TraceId { get; set; }

    public string? ClientRequestId { get; set; }

    public TraceLocationInput? TraceLocation { get; set; }

    public string? RequestPreview { get; set; }

    public string? ResponsePreview { get; set; }

    [JsonConverter(typeof(TimestampConverter))]
    public long? RequestTime { get; set; }

    [JsonConverter(typeof(DurationConverter))]
    public long? ExecutionDuration { get; set; }

    public TraceState? State { get; set; }

    public Dictionary<string, string>? TraceMetadata { get; set; }

    public List<AssessmentInput>? Assessments { get; set; }

    public Dictionary<string, string>? Tags { get; set; }

    /// <exception cref="ApiException">The trace is nowhere, or an assessment breaks a rule.</exception>
    public NewTrace ToTrace(long now)
    {
        TraceLocation?.Check();
        var id = TraceId ?? "";
        var assessments = (Assessments ?? []).ConvertAll(assessment => assessment.ToRow(id, now));
        var experimentId = TraceLocation?.MlflowExperiment?.ExperimentId
            ?? throw ApiException.BadRequest("The trace has no experiment: trace_location.mlflow_experiment is missing.");
        var row = new TraceRow
        {
            RequestId = id,
            TimestampMs = RequestTime ?? 0,
            ExecutionTimeMs = ExecutionDuration,
            Status = WireEnumConverter<TraceState>.NameOf(State ?? TraceState.StateUnspecified),
            ClientRequestId = ClientRequestId,
            RequestPreview = RequestPreview,
            ResponsePreview = ResponsePreview,
        };
        return new NewTrace(experimentId, row, new TraceItemInputs(Tags ?? [], TraceMetadata ?? []), assessments);
    }
}

internal sealed record TraceLocationInput
{
    public TraceLocationType? Type { get; set; }

    public ExperimentLocationInput? MlflowExperiment { get; set; }

    public void Check()
    {
        var type = Type ?? TraceLocationType.TraceLocationTypeUnspecified;
        if (MlflowExperiment is not null && type != TraceLocationType.MlflowExperiment)
        {
            throw ApiException.Invalid(
                $"Trace location type TraceLocationType.{WireEnumConverter<TraceLocationType>.NameOf(type)} does not match the provided location "
                + $"MlflowExperimentLocation(experiment_id={PythonText.Repr(MlflowExperiment.ExperimentId ?? "")}).");
        }
    }
}

internal sealed record ExperimentLocationInput
{
    public string? ExperimentId { get; set; }
}

internal sealed record TraceItemInput
{
    public string? Key { get; set; }

    public string? Value { get; set; }

    /// <summary>The items by key; of a key that comes twice the last one stays.</summary>
    public static Dictionary<string, string> Map(List<TraceItemInput>? items)
    {
        var map = new Dictionary<string, string>();
        foreach (var item in items ?? [])
            map[item.Key ?? ""] = item.Value ?? "";
        return map;
    }

    /// <exception cref="ApiException">An item has no key.</exception>
    public static void Check(List<TraceItemInput>? items, string parameter)
    {
        if (items is null || !items.Exists(item => string.IsNullOrEmpty(item.Key)))
            return;
        var shown = string.Join(',', items.Select(item => item.Print()));
        throw ApiException.Invalid(
            $"Invalid value [{shown}] for parameter '{parameter}' supplied:  Hint: Value was of type 'list'."
            + " See the API docs for more information about request parameters.");
    }

    private string Print()
    {
        string?[] members = [Member("key", Key), Member("value", Value)];
        return $"{{{string.Join(',', members.Where(member => member is not null))}}}";
    }

    private static string? Member(string name, string? text) => text is null ? null : $"\"{name}\":{PythonText.CompactJson(text)}";
}

[JsonConverter(typeof(WireEnumConverter<TraceState>))]
internal enum TraceState
{
    StateUnspecified,
    Ok,
    Error,
    InProgress,
}

/// <summary>MLflow 2's name for <see cref="TraceState"/>.</summary>
[JsonConverter(typeof(WireEnumConverter<TraceStatus>))]
internal enum TraceStatus
{
    TraceStatusUnspecified,
    Ok,
    Error,
    InProgress,
}

[JsonConverter(typeof(WireEnumConverter<TraceLocationType>))]
internal enum TraceLocationType
{
    TraceLocationTypeUnspecified,
    MlflowExperiment,
    InferenceTable,
}
