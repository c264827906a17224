using System.Text.Json;
using System.Text.Json.Serialization;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Assessments;

/// <summary>An assessment as a client sends it; one of feedback, expectation and issue says what it is.</summary>
internal sealed record AssessmentInput
{
    private const string SourceRunKey = "mlflow.assessment.sourceRunId";

    public string? AssessmentId { get; set; }

    public string? AssessmentName { get; set; }

    public string? SpanId { get; set; }

    public AssessmentSourceInput? Source { get; set; }

    [JsonConverter(typeof(TimestampConverter))]
    public long? CreateTime { get; set; }

    [JsonConverter(typeof(TimestampConverter))]
    public long? LastUpdateTime { get; set; }

    public FeedbackInput? Feedback { get; set; }

    public ExpectationInput? Expectation { get; set; }

    public IssueInput? Issue { get; set; }

    public string? Rationale { get; set; }

    public Dictionary<string, string>? Metadata { get; set; }

    public string? Overrides { get; set; }

    /// <exception cref="ApiException">It is none of the three, or an expectation of nothing.</exception>
    public AssessmentRow ToRow(string traceId, long now)
    {
        var (type, value, error) = Content();
        return new AssessmentRow
        {
            AssessmentId = OrNull(AssessmentId) ?? $"a-{Guid.NewGuid():N}",
            TraceId = traceId,
            Name = AssessmentName ?? "",
            AssessmentType = type,
            Value = value,
            Error = error,
            CreatedTimestamp = CreateTime is null or 0 ? now : CreateTime.Value,
            LastUpdatedTimestamp = LastUpdateTime is null or 0 ? now : LastUpdateTime.Value,
            SourceType = WireEnumConverter<AssessmentSourceType>.NameOf(Source?.SourceType ?? AssessmentSourceType.SourceTypeUnspecified),
            SourceId = OrNull(Source?.SourceId),
            RunId = Metadata?.GetValueOrDefault(SourceRunKey),
            SpanId = OrNull(SpanId),
            Rationale = type == AssessmentTypes.Expectation ? null : OrNull(Rationale),
            Overrides = type == AssessmentTypes.Feedback ? OrNull(Overrides) : null,
            Valid = true,
            AssessmentMetadata = DumpMetadata(Metadata),
        };
    }

    /// <summary>The JSON text of the column; null for none.</summary>
    public static string? DumpMetadata(IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        var members = new OrderedDictionary<string, object?>((metadata ?? []).Select(one => KeyValuePair.Create(one.Key, (object?)one.Value)));
        return members.Count == 0 ? null : PythonJson.Dump(members);
    }

    private (string Type, string Value, string? Error) Content()
    {
        if (Expectation is not null)
            return (AssessmentTypes.Expectation, Expectation.ToStored(), null);
        if (Feedback is not null)
            return (AssessmentTypes.Feedback, WireValue.ToStored(Feedback.Value), Feedback.Error?.ToStored());
        if (Issue is not null)
            return (AssessmentTypes.Issue, PythonJson.Dump(new OrderedDictionary<string, object?> { ["issue_name"] = Issue.IssueName ?? "" }), null);
        throw ApiException.Invalid("Unknown assessment type: None");
    }

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

internal sealed record AssessmentSourceInput
{
    public AssessmentSourceType? SourceType { get; set; }

    public string? SourceId { get; set; }
}

internal sealed record FeedbackInput
{
    public JsonElement? Value { get; set; }

    public AssessmentErrorInput? Error { get; set; }
}

internal sealed record AssessmentErrorInput
{
    public string? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public string? StackTrace { get; set; }

    public string ToStored() => PythonJson.Dump(new OrderedDictionary<string, object?>
    {
        ["error_code"] = ErrorCode ?? "", ["error_message"] = ErrorMessage, ["stack_trace"] = StackTrace,
    });
}

internal sealed record ExpectationInput
{
    public JsonElement? Value { get; set; }

    public SerializedValueInput? SerializedValue { get; set; }

    /// <exception cref="ApiException">There is no value, or it is in an unknown form.</exception>
    public string ToStored()
    {
        var stored = SerializedValue?.ToStored() ?? WireValue.ToStored(Value);
        return stored == "null" ? throw ApiException.Invalid("The `value` field must be specified.") : stored;
    }
}

internal sealed record SerializedValueInput
{
    public string? SerializationFormat { get; set; }

    public string? Value { get; set; }

    public string ToStored()
    {
        if (SerializationFormat != SerializedValueBody.Json)
            throw ApiException.Invalid($"Unknown serialization format: {SerializationFormat}. Only JSON_FORMAT is supported.");
        return PythonJson.TryParse(Value ?? "", out var value)
            ? PythonJson.Dump(value)
            : throw ApiException.Invalid("The serialized value of the expectation is not JSON.");
    }
}

internal sealed record IssueInput
{
    public string? IssueName { get; set; }
}

[JsonConverter(typeof(WireEnumConverter<AssessmentSourceType>))]
internal enum AssessmentSourceType
{
    SourceTypeUnspecified,
    Human,
    LlmJudge,
    Code,
}
