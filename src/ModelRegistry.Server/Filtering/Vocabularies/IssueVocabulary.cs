using System.Collections.Frozen;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Lexing;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Filtering.Vocabularies;

/// <summary>Filter of issues/search: two keys, two comparators, and values with or without quotes.</summary>
internal static class IssueVocabulary
{
    private static readonly FrozenSet<string> Keys = ["status", "source_run_id"];
    private static readonly FrozenSet<string> Comparators = ["=", "!="];

    public static IReadOnlyList<BoundComparison> Bind(string? filter) =>
        [.. FilterParser.Parse(filter, ClauseStyle.Plain).Comparisons.Select(Read)];

    private static BoundComparison Read(Comparison comparison)
    {
        if (comparison.Right is not { } value)
            throw new FilterException("Invalid comparison: expected 3 tokens, got 2");
        if (!comparison.Left.IsIdentifier)
            throw new FilterException($"Invalid comparison: left side must be an identifier, got {comparison.Left.Text}");
        var key = Quotes.Trim(comparison.Left.Text).Trim();
        if (!Keys.Contains(key))
            throw new FilterException($"Invalid filter field '{key}'. Supported fields: {PythonText.Set(Keys)}");
        var comparator = comparison.Comparator.ToUpperInvariant();
        if (!Comparators.Contains(comparator))
            throw new FilterException($"Invalid comparator '{comparator}'. Supported comparators: {PythonText.Set(Comparators)}");
        return new BoundComparison(EntityKind.Attribute, key, comparator) { Text = Quotes.Trim(value.Text).Trim() };
    }
}
