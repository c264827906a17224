using System.Collections.Frozen;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Lexing;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Filtering.Vocabularies;

/// <summary>Value rules that several areas share.</summary>
internal static class FilterValues
{
    public static readonly FrozenSet<string> NumericComparators = [">", ">=", "!=", "=", "<", "<="];
    public static readonly FrozenSet<string> TextComparators = ["!=", "=", "LIKE", "ILIKE"];
    public static readonly FrozenSet<string> TextOrListComparators = ["!=", "=", "LIKE", "ILIKE", "IN", "NOT IN"];
    public static readonly FrozenSet<string> TextOrNullComparators = ["!=", "=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL"];

    /// <summary>Bare words count as text here: they fail on their missing quotes, with a message of their own.</summary>
    public static bool IsText(Literal value) => value.Kind is LiteralKind.SingleQuoted or LiteralKind.Identifier;

    /// <summary>The value that an attribute or a tag is compared with.</summary>
    public static BoundComparison ReadAttributeOrTag(BoundComparison comparison, Literal value, FrozenSet<string> numericKeys) => comparison.Kind switch
    {
        EntityKind.Attribute when numericKeys.Contains(comparison.Key) => ReadNumericAttribute(comparison, value),
        EntityKind.Attribute when value.Kind == LiteralKind.List => ReadRunIdList(comparison, value),
        EntityKind.Attribute when !IsText(value) =>
            throw new FilterException($"Expected a quoted string value for attributes. Got value {value.Text}"),
        _ => ReadText(comparison, value),
    };

    public static BoundComparison ReadText(BoundComparison comparison, Literal value) =>
        IsText(value)
            ? comparison.WithText(Quotes.TrimRequired(value.Text))
            : throw new FilterException(
                $"Expected a quoted string value for {comparison.Kind.Name()} (e.g. 'my-value'). Got value {value.Text}");

    public static BoundComparison ReadNumericAttribute(BoundComparison comparison, Literal value) =>
        value.IsNumber
            ? comparison.WithNumber(value.Text)
            : throw new FilterException($"Expected numeric value type for numeric attribute: {comparison.Key}. Found {value.Text}");

    public static BoundComparison ReadRunIdList(BoundComparison comparison, Literal value) =>
        comparison.Key == "run_id"
            ? comparison with { List = ReadList(value.Text) }
            : throw new FilterException("Only the 'run_id' attribute supports comparison with a list of quoted string values.");

    /// <summary>
    /// Entries with an upper-case letter, or without any letter, are dropped: the contract made this list for run ids,
    /// which are lower case, and databases that compare without case would find too much.
    /// </summary>
    public static IReadOnlyList<string> ReadList(string text) => [.. ReadWholeList(text).Where(IsLowerCase)];

    public static IReadOnlyList<string> ReadWholeList(string text)
    {
        const string Message = "While parsing a list in the query, expected ";
        if (PythonLiteral.ParseOrNull(text) is not { } value)
            throw new FilterException(Message + "a non-empty list of string values, but got ill-formed list.");

        var items = value.Items ?? [value];
        if (items.Count == 0)
            throw new FilterException(Message + "a non-empty list of string values, but got empty list");
        if (items.Any(item => item.Text is null))
        {
            var printed = PythonText.Tuple([.. items.Select(item => item.Repr)]);
            throw new FilterException(Message + $"string value, punctuation, or whitespace, but got different type in list: {printed}");
        }

        return [.. items.Select(item => item.Text!)];
    }

    public static void CheckComparator(string comparator, FrozenSet<string> valid, FrozenSet<string> printed, bool closingQuote)
    {
        if (valid.Contains(comparator)) return;
        var quote = closingQuote ? "'" : "";
        throw new FilterException($"Invalid comparator '{comparator}' not one of '{PythonText.Set(printed)}{quote}");
    }

    private static bool IsLowerCase(string text) => text.Any(char.IsLower) && !text.Any(char.IsUpper);
}
