using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Http.Binding;

/// <summary>Reads bodies that are not what they should be, in the way MLflow's parser does.</summary>
internal static class LenientJson
{
    /// <summary>The object in a body; malformed, empty and null bodies are <c>{}</c>, a JSON string is parsed once more,
    /// <c>NaN</c> and the infinities may stand without quotes.</summary>
    /// <exception cref="ApiException">The body is a JSON list, number or boolean.</exception>
    public static JsonDocument ParseObject(ReadOnlyMemory<byte> json)
    {
        var document = TryParse(json);
        if (document.RootElement.ValueKind == JsonValueKind.String)
        {
            var inner = Encoding.UTF8.GetBytes(document.RootElement.GetString()!);
            document.Dispose();
            document = TryParse(inner);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        var kind = document.RootElement.ValueKind;
        document.Dispose();
        return kind == JsonValueKind.Null
            ? JsonDocument.Parse("{}")
            : throw ApiException.Invalid($"Bad Request. The request body must be a JSON object, not a JSON {(kind is JsonValueKind.True or JsonValueKind.False ? "boolean" : kind.ToString().ToLowerInvariant())}.");
    }

    /// <summary>Binds the body, or else the fields in front of the first one that does not fit; it and those behind it stay unset.</summary>
    /// <returns>Whether all of it fits.</returns>
    public static bool TryBind<TRequest>(JsonElement body, JsonTypeInfo<TRequest> typeInfo, out TRequest request)
        where TRequest : class, new()
    {
        var fields = body.EnumerateObject().ToList();
        for (var count = fields.Count; count > 0; count--)
        {
            try
            {
                request = JsonSerializer.Deserialize(Join(fields.Take(count)), typeInfo) ?? new TRequest();
                return count == fields.Count;
            }
            catch (JsonException)
            {
                // Expected: this is the search for the longest prefix that fits.
            }
        }

        request = new TRequest();
        return fields.Count == 0;
    }

    private static JsonDocument TryParse(ReadOnlyMemory<byte> json, bool isQuoted = false)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return !isQuoted && BareNumbers.Quote(json.Span) is { } quoted ? TryParse(quoted, isQuoted: true) : JsonDocument.Parse("{}");
        }
    }

    private static ReadOnlySpan<byte> Join(IEnumerable<JsonProperty> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var field in fields)
                field.WriteTo(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }
}
