using System.Globalization;
using System.Text;

namespace ModelRegistry.Server.Filtering;

/// <summary>Values as the contract's messages print them: Python literals.</summary>
internal static class PythonText
{
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

    public static string List(IEnumerable<string> items) => $"[{string.Join(", ", items.Select(Repr))}]";

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
