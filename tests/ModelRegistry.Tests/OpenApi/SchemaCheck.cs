using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ModelRegistry.Tests.OpenApi;

/// <summary>
/// Holds recorded JSON against a schema: the part of JSON Schema that the document uses, and besides, that an answer has no field which is not
/// described. Where a recording leaves a value open (<c>{{name}}</c>, <c>{"$any": …}</c>), every value will do.
/// </summary>
/// <param name="isRequest">Requests may be written in the other forms of protobuf's JSON.</param>
internal sealed class SchemaCheck(ApiDescription description, bool isRequest)
{
    private readonly List<string> breaches = [];

    public static IReadOnlyList<string> Run(ApiDescription description, JsonElement schema, JsonElement value, bool isRequest)
    {
        var check = new SchemaCheck(description, isRequest);
        check.Check(schema, value, "");
        return check.breaches;
    }

    private void Check(JsonElement reference, JsonElement value, string place)
    {
        var schema = description.Resolve(reference);
        if (IsOpen(value) || (isRequest && value.ValueKind == JsonValueKind.Null))
            return;
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$optional", out var optional))
        {
            Check(schema, optional, place);
            return;
        }

        if (schema.TryGetProperty("anyOf", out var choices) && !choices.EnumerateArray().Any(choice => Run(description, choice, value, isRequest: true).Count == 0))
            breaches.Add($"{place}: {value} is none of the choices");
        // An enum may be sent as its number.
        if (isRequest && value.ValueKind == JsonValueKind.Number && schema.TryGetProperty("enum", out _))
            return;
        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => HasType(name, value)))
            breaches.Add($"{place}: {value} is not of type {type}");
        else
            CheckValue(schema, value, place);
    }

    private void CheckValue(JsonElement schema, JsonElement value, string place)
    {
        if (schema.TryGetProperty("enum", out var names) && value.ValueKind == JsonValueKind.String && !names.EnumerateArray().Any(name => JsonElement.DeepEquals(name, value)))
            breaches.Add($"{place}: {value} is none of {names}");
        if (value.ValueKind == JsonValueKind.String)
            CheckText(schema, value.GetString()!, place);
        if (value.ValueKind == JsonValueKind.Number && schema.TryGetProperty("maximum", out var maximum) && value.GetDouble() > maximum.GetDouble())
            breaches.Add($"{place}: {value} is above {maximum}");
        if (value.ValueKind == JsonValueKind.Object)
            CheckObject(schema, value, place);
        var list = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$unordered", out var unordered) ? unordered : value;
        if (list.ValueKind != JsonValueKind.Array || !schema.TryGetProperty("items", out var items))
            return;
        foreach (var item in list.EnumerateArray())
            Check(items, item, place + "/*");
    }

    private void CheckText(JsonElement schema, string text, string place)
    {
        if (schema.TryGetProperty("minLength", out var least) && text.Length < least.GetInt32())
            breaches.Add($"{place}: '{text}' is too short");
        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!))
            breaches.Add($"{place}: '{text}' does not match {pattern}");
        if (schema.TryGetProperty("format", out var format) && format.GetString() == "date-time" && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _))
            breaches.Add($"{place}: '{text}' is no time");
    }

    private void CheckObject(JsonElement schema, JsonElement value, string place)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Select(name => name.GetString()!).Where(name => !value.TryGetProperty(name, out _)))
                breaches.Add($"{place}: {name} is missing");
        }

        var fields = description.Fields(schema);
        var hasFixedFields = schema.TryGetProperty("properties", out _);
        foreach (var member in value.EnumerateObject().Where(member => !member.Name.StartsWith('$')))
        {
            if (fields.TryGetValue(member.Name, out var field))
                Check(field, member.Value, $"{place}/{member.Name}");
            else if (schema.TryGetProperty("additionalProperties", out var other) && other.ValueKind == JsonValueKind.Object)
                Check(other, member.Value, $"{place}/{member.Name}");
            else if (hasFixedFields && !isRequest && !value.TryGetProperty("$partial", out _))
                breaches.Add($"{place}: {member.Name} is not described");
        }
    }

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!) : [type.GetString()!];

    private bool HasType(string name, JsonElement value) => name switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number ? value.GetDouble() % 1 == 0 : IsNumberText(value),
        "number" => value.ValueKind == JsonValueKind.Number || IsNumberText(value),
        "array" => value.ValueKind == JsonValueKind.Array || value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$unordered", out _),
        "object" => value.ValueKind == JsonValueKind.Object,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => false,
    };

    private bool IsNumberText(JsonElement value) =>
        isRequest && value.ValueKind == JsonValueKind.String && double.TryParse(value.GetString(), CultureInfo.InvariantCulture, out _);

    /// <returns>null for an object without members.</returns>
    public static string? FirstName(JsonElement value) => value.EnumerateObject().Select(member => member.Name).FirstOrDefault();

    private static bool IsOpen(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!.Contains("{{", StringComparison.Ordinal),
        JsonValueKind.Object => FirstName(value) is "$any" or "$after" or "$int" or "$json" or "$regex" or "$message" or "$message_prefix" or "$in" or "$text",
        _ => false,
    };
}
