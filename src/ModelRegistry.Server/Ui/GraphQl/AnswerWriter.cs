using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>
/// Writes what was asked of the answer of a call. What the call left out is what protobuf reads then: an empty text or list, 0, false, or an
/// object of such values.
/// </summary>
internal sealed class AnswerWriter(Utf8JsonWriter writer, List<string> errors)
{
    /// <param name="value">null where the answer says so itself.</param>
    public void Write(PlannedField field, JsonNode? value)
    {
        if (value is null)
            writer.WriteNullValue();
        else if (field.Children is { } children)
            WriteObject(children, value.AsObject());
        else
            WriteScalar(field.Definition, value);
    }

    private void WriteObject(PlannedObject planned, JsonObject source)
    {
        writer.WriteStartObject();
        foreach (var field in planned.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(field.Key);
            if (field.Definition.Name == "__typename")
                writer.WriteStringValue(planned.Type.Name);
            else if (source.TryGetPropertyValue(field.Definition.WireName, out var value))
                WriteMember(planned.Type, field, value);
            else
                WriteAbsent(field);
        }

        writer.WriteEndObject();
    }

    private void WriteMember(SchemaType owner, PlannedField field, JsonNode? value)
    {
        if (value is JsonArray items)
        {
            writer.WriteStartArray();
            foreach (var item in items)
                Write(field, item);
            writer.WriteEndArray();
        }
        else if (value is JsonValue number && field.Definition.Type.Name == "Float")
        {
            WriteFloat(owner, number);
        }
        else
        {
            Write(field, value);
        }
    }

    private void WriteScalar(SchemaField field, JsonNode value)
    {
        if (field.Type.Innermost == "LongString" && value.GetValueKind() == JsonValueKind.Number)
            writer.WriteStringValue(value.GetValue<long>().ToString(CultureInfo.InvariantCulture));
        else
            value.WriteTo(writer);
    }

    /// <summary>Numbers that JSON lacks are null; only metrics of runs have them by design.</summary>
    private void WriteFloat(SchemaType owner, JsonValue value)
    {
        if (value.GetValueKind() == JsonValueKind.Number)
        {
            value.WriteTo(writer);
            return;
        }

        writer.WriteNullValue();
        var text = value.GetValue<string>();
        if (text != "NaN" || owner.Name != "MlflowMetricExtension")
            errors.Add($"Float cannot represent non numeric value: {(text == "NaN" ? "nan" : text[0] == '-' ? "-inf" : "inf")}");
    }

    private void WriteAbsent(PlannedField field)
    {
        var type = field.Definition.Type;
        var isApiError = type.Name == "ApiError"; // No answer has one: errors are told beside the data.
        if (type.Item is not null)
            writer.WriteRawValue("[]");
        else if (field.Children is { } children && !isApiError)
            WriteObject(children, []);
        else
            writer.WriteRawValue(type.Name switch { "String" => "\"\"", "LongString" => "\"0\"", "Float" or "Int" => "0", "Boolean" => "false", _ => "null" });
    }
}
