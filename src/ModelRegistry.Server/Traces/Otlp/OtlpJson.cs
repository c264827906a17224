using System.Globalization;
using System.Text.Json;

namespace ModelRegistry.Server.Traces.Otlp;

/// <summary>Reads the JSON form of an export: camelCase fields, ids in hexadecimal, 64-bit integers as numbers or texts.</summary>
internal static class OtlpJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 200 };

    /// <exception cref="OtlpFormatException">The text is no such export.</exception>
    public static OtlpExport Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return ReadExport(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new OtlpFormatException("The JSON is no export of spans.", exception);
        }
    }

    private static OtlpExport ReadExport(JsonElement export)
    {
        var spans = new List<OtlpSpan>();
        var hasResources = false;
        foreach (var resource in Items(export, "resourceSpans", "resource_spans"))
        {
            hasResources = true;
            var service = Member(resource, "resource") is { } source
                ? ReadAttributes(source).Find(attribute => attribute.Key == "service.name").Value
                : null;
            foreach (var span in Items(resource, "scopeSpans", "scope_spans").SelectMany(scope => Items(scope, "spans")))
                spans.Add(ReadSpan(span) with { ServiceName = service });
        }

        return new OtlpExport(hasResources, spans);
    }

    private static OtlpSpan ReadSpan(JsonElement element)
    {
        var status = Member(element, "status");
        var span = new OtlpSpan
        {
            TraceId = Id(element, "traceId", "trace_id"),
            SpanId = Id(element, "spanId", "span_id"),
            ParentSpanId = Id(element, "parentSpanId", "parent_span_id"),
            Name = Text(element, "name"),
            StartNano = Time(element, "startTimeUnixNano", "start_time_unix_nano"),
            EndNano = Time(element, "endTimeUnixNano", "end_time_unix_nano"),
            StatusCode = status is null ? 0 : StatusCode(status.Value),
            StatusMessage = status is null ? "" : Text(status.Value, "message"),
        };
        span.Attributes.AddRange(ReadAttributes(element));
        span.Events.AddRange(Items(element, "events").Select(ReadEvent));
        return span;
    }

    private static OtlpEvent ReadEvent(JsonElement element)
    {
        var happened = new OtlpEvent { Name = Text(element, "name"), TimeNano = Time(element, "timeUnixNano", "time_unix_nano") };
        happened.Attributes.AddRange(ReadAttributes(element));
        return happened;
    }

    private static int StatusCode(JsonElement status) => Member(status, "code") switch
    {
        null => 0,
        { ValueKind: JsonValueKind.String } name => name.GetString() switch
        {
            "STATUS_CODE_UNSET" => 0,
            "STATUS_CODE_OK" => 1,
            "STATUS_CODE_ERROR" => 2,
            _ => throw new FormatException("No such status code."),
        },
        { } number => number.GetInt32(),
    };

    private static List<KeyValuePair<string, object?>> ReadAttributes(JsonElement element) =>
        [.. Items(element, "attributes").Select(ReadKeyValue)];

    private static KeyValuePair<string, object?> ReadKeyValue(JsonElement element) =>
        KeyValuePair.Create(Text(element, "key"), Member(element, "value") is { } value ? ReadValue(value) : null);

    private static object? ReadValue(JsonElement element)
    {
        foreach (var member in element.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null))
        {
            switch (member.Name)
            {
                case "stringValue" or "string_value": return member.Value.GetString();
                case "boolValue" or "bool_value": return member.Value.GetBoolean();
                case "intValue" or "int_value": return Integer(member.Value);
                case "doubleValue" or "double_value": return Double(member.Value);
                case "bytesValue" or "bytes_value": return member.Value.GetBytesFromBase64();
                case "arrayValue" or "array_value": return Items(member.Value, "values").Select(ReadValue).ToList();
                case "kvlistValue" or "kvlist_value": return ReadMembers(member.Value);
            }
        }

        return null;
    }

    private static OrderedDictionary<string, object?> ReadMembers(JsonElement element)
    {
        var members = new OrderedDictionary<string, object?>();
        foreach (var (key, value) in Items(element, "values").Select(ReadKeyValue))
            members[key] = value;
        return members;
    }

    private static byte[] Id(JsonElement element, params ReadOnlySpan<string> names) => Convert.FromHexString(Text(element, names));

    private static long Time(JsonElement element, params ReadOnlySpan<string> names) => Member(element, names) is { } value ? Integer(value) : 0;

    private static long Integer(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? long.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetInt64();

    private static double Double(JsonElement value) => value.ValueKind != JsonValueKind.String ? value.GetDouble() : value.GetString() switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        var text => double.Parse(text!, CultureInfo.InvariantCulture),
    };

    private static string Text(JsonElement element, params ReadOnlySpan<string> names) =>
        Member(element, names) is { } value ? value.GetString()! : "";

    private static List<JsonElement> Items(JsonElement element, params ReadOnlySpan<string> names) =>
        Member(element, names) is { } list ? [.. list.EnumerateArray()] : [];

    private static JsonElement? Member(JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
                return value;
        }

        return null;
    }
}
