using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ModelRegistry.Server.Python;

/// <summary>JSON as Python's <c>json</c> module reads and writes it.</summary>
internal static partial class PythonText
{
    /// <summary>The name of the Python type a JSON value parses to, as in "Hint: Value was of type".</summary>
    public static string TypeName(JsonElement? value) => value?.ValueKind switch
    {
        JsonValueKind.Object => "dict",
        JsonValueKind.Array => "list",
        JsonValueKind.String => "str",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Number => IsFloat(value.Value.GetRawText()) ? "float" : "int",
        _ => "NoneType",
    };

    /// <summary>Compact ASCII JSON with sorted keys: <c>json.dumps(value, sort_keys=True, separators=(",", ":"))</c>.</summary>
    public static string CompactJson(JsonElement? value) => value?.ValueKind switch
    {
        null => "null",
        JsonValueKind.Object => "{" + string.Join(',', value.Value.EnumerateObject()
            .OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{CompactJson(p.Name)}:{CompactJson(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(',', value.Value.EnumerateArray().Select(item => CompactJson(item))) + "]",
        JsonValueKind.String => CompactJson(value.Value.GetString()!),
        JsonValueKind.Number => Number(value.Value),
        _ => value.Value.GetRawText(),
    };

    /// <summary><c>json.dumps(value)</c>: ASCII, a space after each comma and colon.</summary>
    public static string Json(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(", ", value.EnumerateObject().Select(p => $"{CompactJson(p.Name)}: {Json(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(", ", value.EnumerateArray().Select(Json)) + "]",
        _ => CompactJson(value),
    };

    /// <summary>A JSON string literal in ASCII, as Python writes it.</summary>
    public static string CompactJson(string text)
    {
        var builder = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => builder.Append("\\\""),
                '\\' => builder.Append("\\\\"),
                '\n' => builder.Append("\\n"),
                '\r' => builder.Append("\\r"),
                '\t' => builder.Append("\\t"),
                '\b' => builder.Append("\\b"),
                '\f' => builder.Append("\\f"),
                >= ' ' and <= '~' => builder.Append(c),
                _ => builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            };
        }

        return builder.Append('"').ToString();
    }

    /// <summary>A JSON number as Python reads and prints it.</summary>
    private static string Number(JsonElement value)
    {
        var text = value.GetRawText();
        return IsFloat(text) ? Repr(value.GetDouble()) : text == "-0" ? "0" : text;
    }

    private static bool IsFloat(string json) => json.AsSpan().ContainsAny('.', 'e', 'E');
}
