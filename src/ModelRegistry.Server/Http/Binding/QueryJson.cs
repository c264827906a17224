using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Primitives;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Http.Binding;

/// <summary>Writes a query string as the JSON body it stands for, so that one parser serves both.</summary>
internal static class QueryJson
{
    public static void Write(Utf8JsonWriter writer, IQueryCollection query, JsonTypeInfo typeInfo)
    {
        writer.WriteStartObject();
        foreach (var property in typeInfo.Properties)
        {
            // Properties without a getter are the camelCase spellings, which MLflow reads in bodies only.
            if (property.Get is not null && query.TryGetValue(property.Name, out var values))
                WriteField(writer, property, values);
        }

        writer.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter writer, JsonPropertyInfo property, StringValues values)
    {
        if (property.PropertyType.IsAssignableTo(typeof(System.Collections.IList)))
        {
            writer.WriteStartArray(property.Name);
            foreach (var value in values)
                writer.WriteStringValue(value);
            writer.WriteEndArray();
        }
        else if (property.PropertyType == typeof(bool?))
        {
            writer.WriteBoolean(property.Name, ParseBoolean(values[0] ?? ""));
        }
        else
        {
            writer.WriteString(property.Name, values[0]);
        }
    }

    private static bool ParseBoolean(string value) =>
        bool.TryParse(value, out var parsed) ? parsed : throw ApiException.Invalid($"Invalid boolean value: {value}, must be 'true' or 'false'.");
}
