using System.Text.Json;
using System.Text.Json.Serialization;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Assessments;

internal sealed record AssessmentBody(
    string AssessmentId,
    string AssessmentName,
    string TraceId,
    string? SpanId,
    AssessmentSourceBody Source,
    [property: JsonConverter(typeof(TimestampConverter))] long CreateTime,
    [property: JsonConverter(typeof(TimestampConverter))] long LastUpdateTime,
    FeedbackBody? Feedback,
    ExpectationBody? Expectation,
    IssueLinkBody? Issue,
    string? Rationale,
    Dictionary<string, string>? Metadata,
    string? Overrides,
    bool Valid)
{
    public static AssessmentBody From(AssessmentRow row) => new(
        row.AssessmentId,
        row.Name,
        row.TraceId,
        row.SpanId,
        new AssessmentSourceBody(row.SourceType, row.SourceId),
        row.CreatedTimestamp,
        row.LastUpdatedTimestamp,
        row.AssessmentType == AssessmentTypes.Feedback ? FeedbackBody.From(row) : null,
        row.AssessmentType == AssessmentTypes.Expectation ? ExpectationBody.From(row.Value) : null,
        row.AssessmentType == AssessmentTypes.Issue ? IssueLinkBody.From(row.Value) : null,
        row.Rationale,
        Texts(row.AssessmentMetadata),
        string.IsNullOrEmpty(row.Overrides) ? null : row.Overrides,
        row.Valid);

    private static Dictionary<string, string>? Texts(string? json) =>
        json is not null && PythonJson.ParseOrKeep(json) is OrderedDictionary<string, object?> { Count: > 0 } members
            ? members.ToDictionary(member => member.Key, member => member.Value as string ?? PythonJson.Dump(member.Value))
            : null;
}

/// <summary>Values of the column <c>assessment_type</c>.</summary>
internal static class AssessmentTypes
{
    public const string Feedback = "feedback";
    public const string Expectation = "expectation";
    public const string Issue = "issue";
}

internal sealed record AssessmentSourceBody(string SourceType, string? SourceId);

internal sealed record FeedbackBody(JsonElement? Value, AssessmentErrorBody? Error)
{
    public static FeedbackBody From(AssessmentRow row)
    {
        var error = row.Error is null ? null : PythonJson.ParseOrKeep(row.Error) as OrderedDictionary<string, object?>;
        return new FeedbackBody(WireValue.FromStored(row.Value), error is null ? null : AssessmentErrorBody.From(error));
    }
}

internal sealed record AssessmentErrorBody(string? ErrorCode, string? ErrorMessage, string? StackTrace)
{
    private const int MaxTrace = 10_000;
    private const string CutMark = "[Stack trace is truncated]\n...\n";

    public static AssessmentErrorBody From(OrderedDictionary<string, object?> stored)
    {
        var trace = Text(stored, "stack_trace");
        var shown = trace?.Length > MaxTrace ? CutMark + trace[^(MaxTrace - CutMark.Length)..] : trace;
        return new AssessmentErrorBody(Text(stored, "error_code"), Text(stored, "error_message"), shown);
    }

    private static string? Text(OrderedDictionary<string, object?> members, string key) => members.GetValueOrDefault(key) as string;
}

/// <summary>Plain values travel as they are, lists and objects as a JSON text.</summary>
internal sealed record ExpectationBody(JsonElement? Value, SerializedValueBody? SerializedValue)
{
    public static ExpectationBody From(string stored) => PythonJson.ParseOrKeep(stored) is List<object?> or OrderedDictionary<string, object?>
        ? new ExpectationBody(null, new SerializedValueBody(SerializedValueBody.Json, stored))
        : new ExpectationBody(WireValue.FromStored(stored), null);
}

internal sealed record SerializedValueBody(string SerializationFormat, string Value)
{
    public const string Json = "JSON_FORMAT";
}

internal sealed record IssueLinkBody(string IssueName)
{
    public static IssueLinkBody From(string stored) =>
        new((PythonJson.ParseOrKeep(stored) as OrderedDictionary<string, object?>)?.GetValueOrDefault("issue_name") as string ?? "");
}

/// <summary>protobuf's Value, which knows no integers: every number goes through it as a float.</summary>
internal static class WireValue
{
    public static JsonElement FromStored(string json) => JsonElement.Parse(PythonJson.Dump(WithFloats(PythonJson.ParseOrKeep(json))));

    /// <summary>The text to store for a value that came in; an absent one is JSON's null.</summary>
    public static string ToStored(JsonElement? value) => PythonJson.Dump(value is null ? null : WithFloats(PythonJson.From(value.Value)));

    private static object? WithFloats(object? value) => value switch
    {
        long number => (double)number,
        System.Numerics.BigInteger number => (double)number,
        List<object?> items => items.ConvertAll(WithFloats),
        OrderedDictionary<string, object?> members =>
            new OrderedDictionary<string, object?>(members.Select(member => KeyValuePair.Create(member.Key, WithFloats(member.Value)))),
        _ => value,
    };
}
