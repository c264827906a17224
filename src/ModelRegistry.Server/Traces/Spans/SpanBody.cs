using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Spans;

/// <summary>A stored span on its way out, in the JSON form of OpenTelemetry's protobuf message.</summary>
[JsonConverter(typeof(SpanBodyConverter))]
internal sealed record SpanBody(OrderedDictionary<string, object?> Content)
{
    public static SpanBody Parse(string content) =>
        new(PythonJson.ParseOrKeep(content) as OrderedDictionary<string, object?> ?? throw new InvalidDataException("A stored span is no JSON object."));
}

internal sealed class SpanBodyConverter : JsonConverter<SpanBody>
{
    public override SpanBody Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Spans come in through OTLP.");

    public override void Write(Utf8JsonWriter writer, SpanBody value, JsonSerializerOptions options)
    {
        var span = value.Content;
        writer.WriteStartObject();
        WriteId(writer, span, "trace_id", 32);
        WriteId(writer, span, "span_id", 16);
        WriteId(writer, span, "parent_span_id", 16);
        WriteText(writer, span, "name");
        WriteTime(writer, span, "start_time_unix_nano");
        WriteTime(writer, span, "end_time_unix_nano");
        if (span.GetValueOrDefault("attributes") is OrderedDictionary<string, object?> { Count: > 0 } attributes)
            WriteAttributes(writer, attributes.Select(one => KeyValuePair.Create(one.Key, Decode(one.Value))));
        WriteEvents(writer, span.GetValueOrDefault("events") as List<object?>);
        WriteStatus(writer, span.GetValueOrDefault("status") as OrderedDictionary<string, object?>);
        writer.WriteEndObject();
    }

    /// <summary>Attribute values are kept as JSON texts; what is none is a plain text.</summary>
    private static object? Decode(object? value) => value is string text ? PythonJson.ParseOrKeep(text) : value;

    /// <summary>bytes are base64 in protobuf's JSON; early 3.x servers stored hexadecimal.</summary>
    private static void WriteId(Utf8JsonWriter writer, OrderedDictionary<string, object?> span, string name, int hexLength)
    {
        if (span.GetValueOrDefault(name) is not string { Length: > 0 } id)
            return;
        var digits = id.StartsWith("tr-", StringComparison.Ordinal) ? id[3..] : id;
        writer.WriteString(name, digits.Length == hexLength && digits.All(char.IsAsciiHexDigit) ? Convert.ToBase64String(Convert.FromHexString(digits)) : id);
    }

    private static void WriteText(Utf8JsonWriter writer, OrderedDictionary<string, object?> members, string name)
    {
        if (members.GetValueOrDefault(name) is string { Length: > 0 } text)
            writer.WriteString(name, text);
    }

    private static void WriteTime(Utf8JsonWriter writer, OrderedDictionary<string, object?> members, string name)
    {
        if (members.GetValueOrDefault(name) is long and not 0 and var time)
            writer.WriteNumber(name, time);
    }

    private static void WriteEvents(Utf8JsonWriter writer, List<object?>? events)
    {
        if (events is null or { Count: 0 })
            return;
        writer.WriteStartArray("events");
        foreach (var happened in events.OfType<OrderedDictionary<string, object?>>())
        {
            writer.WriteStartObject();
            WriteTime(writer, happened, "time_unix_nano");
            WriteText(writer, happened, "name");
            if (happened.GetValueOrDefault("attributes") is OrderedDictionary<string, object?> { Count: > 0 } attributes)
                WriteAttributes(writer, attributes);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteStatus(Utf8JsonWriter writer, OrderedDictionary<string, object?>? status)
    {
        writer.WriteStartObject("status");
        if (status is not null)
        {
            WriteText(writer, status, "message");
            var code = status.GetValueOrDefault("code") as string;
            if (code is not (null or "STATUS_CODE_UNSET" or "UNSET"))
                writer.WriteString("code", code.StartsWith("STATUS_CODE_", StringComparison.Ordinal) ? code : $"STATUS_CODE_{code}");
        }

        writer.WriteEndObject();
    }

    private static void WriteAttributes(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> attributes)
    {
        writer.WriteStartArray("attributes");
        WriteMembers(writer, attributes);
        writer.WriteEndArray();
    }

    private static void WriteMembers(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> members)
    {
        foreach (var (key, value) in members)
        {
            writer.WriteStartObject();
            writer.WriteString("key", key);
            if (value is not null)
            {
                writer.WritePropertyName("value");
                WriteValue(writer, value);
            }

            writer.WriteEndObject();
        }
    }

    /// <summary>protobuf's AnyValue; of null it is empty.</summary>
    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        writer.WriteStartObject();
        switch (value)
        {
            case null: break;
            case bool flag: writer.WriteBoolean("bool_value", flag); break;
            case long number: writer.WriteNumber("int_value", number); break;
            case double number when double.IsFinite(number): writer.WriteNumber("double_value", number); break;
            case double number: writer.WriteString("double_value", number.ToString(CultureInfo.InvariantCulture)); break;
            case List<object?> items: WriteList(writer, items); break;
            case OrderedDictionary<string, object?> members: WriteMap(writer, members); break;
            default: writer.WriteString("string_value", Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, List<object?> items)
    {
        writer.WriteStartObject("array_value");
        if (items.Count > 0)
        {
            writer.WriteStartArray("values");
            items.ForEach(item => WriteValue(writer, item));
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter writer, OrderedDictionary<string, object?> members)
    {
        writer.WriteStartObject("kvlist_value");
        if (members.Count > 0)
        {
            writer.WriteStartArray("values");
            WriteMembers(writer, members);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
