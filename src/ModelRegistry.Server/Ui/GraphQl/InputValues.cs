using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>Brings what a client sent into the form its type wants: a single value becomes a list, a long its number.</summary>
internal static class InputValues
{
    /// <param name="path">Where the value stands, such as <c>data.runIds[0]</c>.</param>
    /// <exception cref="InputException">The value does not fit.</exception>
    public static JsonNode? Coerce(JsonElement value, TypeRef type, string path)
    {
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return type.IsRequired ? throw new InputException(value, path, $"Expected non-nullable type '{type}' not to be None.") : null;
        if (type.Item is { } item)
        {
            return value.ValueKind == JsonValueKind.Array
                ? new JsonArray([.. value.EnumerateArray().Select((element, i) => Coerce(element, item, $"{path}[{i}]"))])
                : new JsonArray(Coerce(value, item, path));
        }

        var named = Schema.Instance[type.Name!];
        return named.Kind switch
        {
            TypeKind.Input => Fields(value, named, path),
            TypeKind.Enum => Name(value, named, path),
            _ => Scalar(value, named.Name, path),
        };
    }

    private static JsonObject Fields(JsonElement value, SchemaType type, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new InputException(value, path, $"Expected type '{type.Name}' to be a mapping.");
        var result = new JsonObject();
        foreach (var property in value.EnumerateObject())
        {
            if (!type.Fields.TryGetValue(property.Name, out var field))
                throw new InputException(value, path, $"Field '{property.Name}' is not defined by type '{type.Name}'.");
            result[field.WireName] = Coerce(property.Value, field.Type, $"{path}.{property.Name}");
        }

        return result;
    }

    private static JsonValue Name(JsonElement value, SchemaType type, string path)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw new InputException(value, path, $"Enum '{type.Name}' cannot represent non-string value: {PythonText.Repr(value)}.");
        return type.Values.Contains(value.GetString()!)
            ? JsonValue.Create(value.GetString()!)
            : throw new InputException(value, path, $"Value '{value.GetString()}' does not exist in '{type.Name}' enum.");
    }

    private static JsonValue Scalar(JsonElement value, string type, string path)
    {
        var isNumber = value.ValueKind == JsonValueKind.Number;
        return type switch
        {
            "String" when value.ValueKind == JsonValueKind.String => JsonValue.Create(value.GetString()!),
            "String" => throw new InputException(value, path, $"String cannot represent a non string value: {PythonText.Repr(value)}"),
            "Boolean" when value.ValueKind is JsonValueKind.True or JsonValueKind.False => JsonValue.Create(value.GetBoolean()),
            "Int" when isNumber && value.TryGetInt32(out var number) => JsonValue.Create(number),
            "Int" when isNumber && value.TryGetInt64(out _) =>
                throw new InputException(value, path, $"Int cannot represent non 32-bit signed integer value: {PythonText.Repr(value)}"),
            "Int" => throw new InputException(value, path, $"Int cannot represent non-integer value: {PythonText.Repr(value)}"),
            "LongString" when Long(value) is { } number => JsonValue.Create(number),
            _ => throw new InputException(value, path, $"{type} cannot represent the value: {PythonText.Repr(value)}"),
        };
    }

    private static long? Long(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var number) => number,
        JsonValueKind.String when long.TryParse(value.GetString(), out var number) => number,
        _ => null,
    };
}

/// <summary>A value that its type does not take.</summary>
/// <param name="value">The part that is wrong.</param>
internal sealed class InputException(JsonElement value, string path, string message) : Exception(message)
{
    /// <summary>The sentence for a variable; a value in the query itself needs no more than the reason.</summary>
    public string Describe(string variable)
    {
        var shown = value.ValueKind == JsonValueKind.Undefined ? "None" : PythonText.Repr(value);
        var place = path == variable ? "" : $" at '{path}'";
        return $"Variable '${variable}' got invalid value {shown}{place}; {Message}";
    }
}
