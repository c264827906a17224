using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ModelRegistry.Server.Http;

/// <summary>Values as Python prints them: MLflow's messages quote them in this form.</summary>
internal static class PythonText
{
    /// <summary><c>repr(str)</c>: single quotes, double ones when the text holds only single quotes.</summary>
    public static string Repr(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var builder = new StringBuilder(text.Length + 2).Append(quote);
        foreach (var c in text)
            AppendEscaped(builder, c, quote);
        return builder.Append(quote).ToString();
    }

    /// <summary><c>repr(bytes)</c> of Latin-1 text.</summary>
    public static string ReprBytes(string latin1)
    {
        var builder = new StringBuilder("b'");
        foreach (var c in latin1)
        {
            if (c is >= ' ' and < (char)127)
                AppendEscaped(builder, c, '\'');
            else
                builder.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
        }

        return builder.Append('\'').ToString();
    }

    /// <summary><c>repr</c> of a parsed JSON value.</summary>
    public static string Repr(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(", ", value.EnumerateObject().Select(p => $"{Repr(p.Name)}: {Repr(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(", ", value.EnumerateArray().Select(Repr)) + "]",
        JsonValueKind.String => Repr(value.GetString()!),
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.Null => "None",
        _ => Number(value),
    };

    /// <summary><c>repr</c> of a list of texts.</summary>
    public static string Repr(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Repr))}]";

    /// <summary><c>repr(float)</c>, for all but very large numbers, where Python changes to exponents at another place.</summary>
    public static string Repr(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        var text = value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
        return text.AsSpan().ContainsAny(".e") ? text : text + ".0";
    }

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

    private static void AppendEscaped(StringBuilder builder, char c, char quote)
    {
        _ = c switch
        {
            '\\' => builder.Append("\\\\"),
            '\n' => builder.Append("\\n"),
            '\r' => builder.Append("\\r"),
            '\t' => builder.Append("\\t"),
            _ when c == quote => builder.Append('\\').Append(c),
            < ' ' or (char)127 => builder.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
            _ => builder.Append(c),
        };
    }
}
