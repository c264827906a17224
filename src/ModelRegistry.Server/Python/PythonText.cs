using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ModelRegistry.Server.Python;

/// <summary>Values as Python prints them: MLflow's messages quote them in this form.</summary>
internal static partial class PythonText
{
    /// <summary><c>repr(str)</c>: single quotes, double ones when the text holds only single quotes.</summary>
    public static string Repr(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var result = new StringBuilder(text.Length + 2).Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == quote || rune.Value == '\\') result.Append('\\').Append((char)rune.Value);
            else AppendPrintable(result, rune);
        }

        return result.Append(quote).ToString();
    }

    /// <summary><c>repr(bytes)</c> of Latin-1 text.</summary>
    public static string ReprBytes(string latin1)
    {
        var builder = new StringBuilder("b'");
        foreach (var c in latin1)
        {
            _ = c switch
            {
                '\'' or '\\' => builder.Append('\\').Append(c),
                '\n' => builder.Append("\\n"),
                '\r' => builder.Append("\\r"),
                '\t' => builder.Append("\\t"),
                >= ' ' and < (char)127 => builder.Append(c),
                _ => builder.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
            };
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

    /// <summary>The contract prints sets in an arbitrary order; here they are sorted.</summary>
    public static string Set(IEnumerable<string> items) => $"{{{string.Join(", ", items.Order(StringComparer.Ordinal).Select(Repr))}}}";

    public static string Tuple(IReadOnlyList<string> printedItems) =>
        printedItems.Count == 1 ? $"({printedItems[0]},)" : $"({string.Join(", ", printedItems)})";

    private static void AppendPrintable(StringBuilder result, Rune rune)
    {
        var escape = rune.Value switch { '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", _ => null };
        if (escape is not null) result.Append(escape);
        else if (rune.Value == ' ' || !IsHidden(Rune.GetUnicodeCategory(rune))) result.Append(rune.ToString());
        else if (rune.Value < 0x100) result.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
        else if (rune.Value < 0x10000) result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
        else result.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
    }

    private static bool IsHidden(UnicodeCategory category) => category
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator;
}
