using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace ModelRegistry.Server.Python;

/// <summary>
/// JSON as MLflow stores it: Python's spelling, and integers told from floats. Values are null, bool, long, BigInteger, double, string,
/// byte[], <see cref="List{T}"/> and <see cref="OrderedDictionary{TKey, TValue}"/> of such.
/// </summary>
internal static class PythonJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 512 };

    /// <summary><c>json.dumps(value)</c>.</summary>
    /// <param name="ascii">Escape everything outside ASCII, which is Python's default.</param>
    public static string Dump(object? value, bool ascii = true)
    {
        var text = new StringBuilder();
        Append(text, value, ascii);
        return text.ToString();
    }

    /// <summary>The value of a JSON text; false when it is none.</summary>
    public static bool TryParse(string json, out object? value)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            value = From(document.RootElement);
            return true;
        }
        catch (JsonException)
        {
            value = null;
            return false;
        }
    }

    /// <summary>The value of a JSON text, or the text itself when it is none.</summary>
    public static object? ParseOrKeep(string text) => TryParse(text, out var value) ? value : text;

    public static object? From(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => Number(element),
        JsonValueKind.Array => element.EnumerateArray().Select(From).ToList(),
        JsonValueKind.Object => Members(element),
        _ => null,
    };

    /// <summary>Whether Python takes the value for true.</summary>
    public static bool IsTruthy(object? value) => value switch
    {
        null or false or 0L or 0.0 or "" => false,
        List<object?> list => list.Count > 0,
        OrderedDictionary<string, object?> members => members.Count > 0,
        _ => true,
    };

    private static object Number(JsonElement element)
    {
        if (element.GetRawText().AsSpan().ContainsAny(".eE"))
            return element.GetDouble();
        return element.TryGetInt64(out var number) ? (object)number : BigInteger.Parse(element.GetRawText(), CultureInfo.InvariantCulture);
    }

    private static OrderedDictionary<string, object?> Members(JsonElement element)
    {
        var members = new OrderedDictionary<string, object?>();
        foreach (var member in element.EnumerateObject())
            members[member.Name] = From(member.Value);
        return members;
    }

    private static void Append(StringBuilder text, object? value, bool ascii)
    {
        switch (value)
        {
            case null: text.Append("null"); break;
            case bool flag: text.Append(flag ? "true" : "false"); break;
            case double number: text.Append(Spell(number)); break;
            case string content: AppendText(text, content, ascii); break;
            case byte[] bytes: AppendText(text, PythonText.ReprBytes(Encoding.Latin1.GetString(bytes)), ascii); break;
            case List<object?> items: AppendItems(text, items, ascii); break;
            case OrderedDictionary<string, object?> members: AppendMembers(text, members, ascii); break;
            default: text.Append(CultureInfo.InvariantCulture, $"{value}"); break;
        }
    }

    private static string Spell(double number) =>
        double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? (number > 0 ? "Infinity" : "-Infinity") : PythonText.Repr(number);

    private static void AppendItems(StringBuilder text, List<object?> items, bool ascii)
    {
        text.Append('[');
        for (var index = 0; index < items.Count; index++)
        {
            text.Append(index == 0 ? "" : ", ");
            Append(text, items[index], ascii);
        }

        text.Append(']');
    }

    private static void AppendMembers(StringBuilder text, OrderedDictionary<string, object?> members, bool ascii)
    {
        text.Append('{');
        var isFirst = true;
        foreach (var (key, value) in members)
        {
            text.Append(isFirst ? "" : ", ");
            isFirst = false;
            AppendText(text, key, ascii);
            text.Append(": ");
            Append(text, value, ascii);
        }

        text.Append('}');
    }

    private static void AppendText(StringBuilder text, string content, bool ascii)
    {
        if (ascii)
        {
            text.Append(PythonText.CompactJson(content));
            return;
        }

        text.Append('"');
        foreach (var c in content)
        {
            // What is printable stays; for the rest both spellings agree.
            if (c is '"' or '\\' or < ' ')
                text.Append(PythonText.CompactJson(c.ToString()).AsSpan()[1..^1]);
            else
                text.Append(c);
        }

        text.Append('"');
    }
}
