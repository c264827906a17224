using System.Buffers;
using System.Text.Json;

namespace ModelRegistry.Tests.Recordings;

/// <summary>Writes a recorded value with its variables replaced, in keys too.</summary>
internal static class JsonExpander
{
    public static byte[] Expand(JsonElement value, Variables variables)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, value, variables);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The expanded value as text for a message.</summary>
    public static string Show(JsonElement value, Variables variables) => Json.Show(Json.TryParse(Expand(value, variables)) ?? value);

    private static void Write(Utf8JsonWriter writer, JsonElement value, Variables variables)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                variables.Resolve(value.GetString()!).WriteTo(writer);
                break;
            case JsonValueKind.Object:
                WriteObject(writer, value, variables);
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item, variables);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonElement value, Variables variables)
    {
        if (value.GetPropertyCount() == 1 && value.TryGetProperty("$int", out var digits))
        {
            writer.WriteNumberValue(variables.Integer(digits));
            return;
        }
        writer.WriteStartObject();
        foreach (var member in value.EnumerateObject())
        {
            writer.WritePropertyName(variables.Fill(member.Name));
            Write(writer, member.Value, variables);
        }
        writer.WriteEndObject();
    }
}
