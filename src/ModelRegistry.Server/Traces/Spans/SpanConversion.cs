using System.Collections.Frozen;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Traces.Otlp;

namespace ModelRegistry.Server.Traces.Spans;

/// <summary>Makes MLflow's spans of OpenTelemetry's.</summary>
internal static class SpanConversion
{
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;

    /// <summary>Names of programs that MLflow shows; others are left out, for they may be any text.</summary>
    private static readonly FrozenSet<string> KnownServices = ["claude-code", "codex_cli_rs", "codex_vscode", "gemini-cli", "qwen-code"];

    /// <returns>null when the span lacks an id, or has one that is too long.</returns>
    public static Span? ConvertOrNull(OtlpSpan span)
    {
        if (!IsId(span.TraceId, TraceIdBytes) || !IsId(span.SpanId, SpanIdBytes) || span.ParentSpanId.Length > SpanIdBytes)
            return null;
        var traceId = Pad(span.TraceId, TraceIdBytes);
        var attributes = Dump(span, $"tr-{Convert.ToHexStringLower(traceId)}");
        var isFailed = span.StatusCode == 2;
        var converted = new Span
        {
            TraceId = TextOf(attributes[SpanKeys.TraceId]) ?? "",
            OtelTraceId = traceId,
            OtelSpanId = Pad(span.SpanId, SpanIdBytes),
            OtelParentId = span.ParentSpanId.Length == 0 ? null : Pad(span.ParentSpanId, SpanIdBytes),
            Name = span.Name,
            Type = attributes.TryGetValue(SpanKeys.Type, out var type) ? TextOf(type) : null,
            StartNano = span.StartNano,
            EndNano = span.EndNano == 0 ? null : span.EndNano,
            Status = span.StatusCode switch { 1 => "OK", 2 => "ERROR", _ => "UNSET" },
            StatusMessage = isFailed ? span.StatusMessage : "",
            Attributes = WithoutSecondEncoding(attributes),
            Events = [.. span.Events.Select(Event)],
        };
        SpanTranslation.Apply(converted);
        return converted;
    }

    private static bool IsId(byte[] id, int length) => id.Length > 0 && id.Length <= length;

    private static byte[] Pad(byte[] id, int length) => id.Length == length ? id : [.. new byte[length - id.Length], .. id];

    private static OrderedDictionary<string, string> Dump(OtlpSpan span, string traceId)
    {
        var attributes = new OrderedDictionary<string, string> { [SpanKeys.TraceId] = PythonJson.Dump(traceId, ascii: false) };
        foreach (var (key, value) in span.Attributes)
            attributes[key] = PythonJson.Dump(value, ascii: false);
        if (span.ParentSpanId.Length == 0 && span.ServiceName is string service && KnownServices.Contains(service))
            attributes[SpanKeys.ServiceName] = PythonJson.Dump(service, ascii: false);
        return attributes;
    }

    /// <summary>MLflow's own clients send values that are JSON already: of a JSON text within a JSON text one layer goes.</summary>
    private static OrderedDictionary<string, string> WithoutSecondEncoding(OrderedDictionary<string, string> attributes)
    {
        var result = new OrderedDictionary<string, string>();
        foreach (var (key, text) in attributes)
        {
            var isNested = PythonJson.TryParse(text, out var value) && value is string inner && PythonJson.TryParse(inner, out var content)
                && content is string or List<object?> or OrderedDictionary<string, object?>;
            result[key] = isNested ? TextOf(text)! : text;
        }

        return result;
    }

    private static OrderedDictionary<string, object?> Event(OtlpEvent happened) => new()
    {
        ["name"] = happened.Name,
        ["time_unix_nano"] = happened.TimeNano,
        ["attributes"] = Members(happened.Attributes),
    };

    private static OrderedDictionary<string, object?> Members(List<KeyValuePair<string, object?>> attributes)
    {
        var members = new OrderedDictionary<string, object?>();
        foreach (var (key, value) in attributes)
            members[key] = value;
        return members;
    }

    private static string? TextOf(string json) => PythonJson.ParseOrKeep(json) switch
    {
        null => null,
        string text => text,
        var other => PythonJson.Dump(other),
    };
}
