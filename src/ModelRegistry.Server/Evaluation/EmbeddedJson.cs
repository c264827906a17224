using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Evaluation;

/// <summary>JSON that travels as text inside a field: members stay in their order, and are written as Python writes them.</summary>
internal static partial class EmbeddedJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 512 };

    /// <param name="parameter">The field that holds the text.</param>
    /// <exception cref="ApiException">The text is not JSON.</exception>
    public static JsonElement Parse(string json, string parameter)
    {
        try
        {
            return Parse(HasSpecialNumbers(json) ? SpecialNumber().Replace(json, token => token.Value[0] == '"' ? token.Value : "null") : json);
        }
        catch (JsonException)
        {
            throw ApiException.Invalid($"{parameter} must be valid JSON");
        }
    }

    /// <summary>The value of a text that this server, or MLflow's, has stored.</summary>
    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json, Options);
        return document.RootElement.Clone();
    }

    /// <summary>The members of an object, or none for what Python takes for false.</summary>
    /// <exception cref="ApiException">The value is something else.</exception>
    public static OrderedDictionary<string, JsonElement> Members(JsonElement? value, string parameter)
    {
        var members = new OrderedDictionary<string, JsonElement>();
        if (value is not { } element || IsFalsy(element))
            return members;
        if (element.ValueKind != JsonValueKind.Object)
            throw ApiException.Invalid($"{parameter} must be a JSON object");
        foreach (var member in element.EnumerateObject())
            members[member.Name] = member.Value;
        return members;
    }

    /// <summary>The member of an object, unless it is absent or null.</summary>
    public static JsonElement? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static bool IsFalsy(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Number => value.GetDouble() == 0,
        JsonValueKind.String => value.GetString() == "",
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().MoveNext(),
        _ => false,
    };

    /// <summary>What a column for text holds of the value: a string itself, anything else in Python's spelling.</summary>
    public static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : PythonText.Repr(value);

    public static string Write(IEnumerable<KeyValuePair<string, JsonElement>> members) =>
        Write(members.Select(member => KeyValuePair.Create(member.Key, PythonText.Json(member.Value))));

    /// <summary>An object whose values are JSON already.</summary>
    public static string Write(IEnumerable<KeyValuePair<string, string>> members) =>
        "{" + string.Join(", ", members.Select(member => $"{PythonText.CompactJson(member.Key)}: {member.Value}")) + "}";

    /// <summary>The value with the members of every object in the order of their names, so that equal values have equal texts.</summary>
    public static string WriteSorted(JsonElement value)
    {
        var text = new StringBuilder();
        AppendSorted(text, value);
        return text.ToString();
    }

    /// <remarks>
    /// Python writes what JSON has no number for, such as the gaps of a table, as words of its own. They become null, which every database takes.
    /// </remarks>
    private static bool HasSpecialNumbers(string json) =>
        json.Contains("NaN", StringComparison.Ordinal) || json.Contains("Infinity", StringComparison.Ordinal);

    [GeneratedRegex("""\"(?:[^"\\]|\\.)*"|\bNaN\b|-?\bInfinity\b""", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex SpecialNumber();

    private static void AppendSorted(StringBuilder text, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            var members = Members(value, "").OrderBy(member => member.Key, StringComparer.Ordinal);
            AppendJoined(text, '{', '}', members, member =>
            {
                text.Append(PythonText.CompactJson(member.Key)).Append(": ");
                AppendSorted(text, member.Value);
            });
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            AppendJoined(text, '[', ']', value.EnumerateArray(), item => AppendSorted(text, item));
        }
        else
        {
            text.Append(PythonText.Json(value));
        }
    }

    private static void AppendJoined<T>(StringBuilder text, char open, char close, IEnumerable<T> items, Action<T> append)
    {
        text.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            text.Append(isFirst ? "" : ", ");
            isFirst = false;
            append(item);
        }

        text.Append(close);
    }
}
