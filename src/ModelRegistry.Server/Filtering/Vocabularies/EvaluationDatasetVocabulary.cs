using System.Collections.Frozen;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Filtering.Vocabularies;

/// <summary>Filter and order of datasets/search. Its names are plainer than elsewhere: one word for tags, and no quotes are taken off.</summary>
internal static class EvaluationDatasetVocabulary
{
    private static readonly FrozenSet<string> NumericKeys = ["created_time", "last_update_time"];
    private static readonly FrozenSet<string> Keys = ["name", "created_time", "last_update_time", "created_by", "last_updated_by"];
    private static readonly FrozenSet<string> OrderKeys = ["name", "created_time", "last_update_time"];

    public static IReadOnlyList<BoundComparison> Bind(string? filter)
    {
        var comparisons = FilterParser.Parse(filter, ClauseStyle.Plain).Comparisons.Select(Read).ToArray();
        foreach (var comparison in comparisons)
            Check(comparison);
        return [.. comparisons.Select(comparison => comparison with { Comparator = comparison.Comparator.ToUpperInvariant() })];
    }

    public static IReadOnlyList<OrderTerm> BindOrder(IReadOnlyList<string> clauses) =>
        OrderByParser.Parse(
            clauses,
            clause =>
            {
                var identifier = Resolve(clause.Token, OrderKeys);
                return identifier.Kind == EntityKind.Attribute
                    ? new OrderTerm(identifier.Kind, identifier.Key, clause.Ascending)
                    : throw new FilterException($"Invalid order_by entity: {identifier.Kind.Name()}");
            },
            rejectsDuplicates: false);

    private static BoundComparison Read(Comparison comparison)
    {
        if (!comparison.Left.IsIdentifier)
            throw new FilterException($"Invalid comparison clause. Expected 'Identifier' found '{comparison.Left.Text}'");
        var identifier = Resolve(comparison.Left.Text, Keys);
        var bound = new BoundComparison(identifier.Kind, identifier.Key, comparison.Comparator);
        if (comparison.Right is { } value)
            return FilterValues.ReadAttributeOrTag(bound, value, NumericKeys);
        return identifier.Kind == EntityKind.Tag
            ? bound
            : throw new FilterException($"IS NULL / IS NOT NULL is only supported for tags and params, not for 'attribute' '{identifier.Key}'");
    }

    private static Identifier Resolve(string text, FrozenSet<string> keys)
    {
        var parts = text.Split('.', 2);
        if (parts.Length == 2)
        {
            return parts[0] == "tags"
                ? new Identifier(EntityKind.Tag, parts[1])
                : throw new FilterException($"Invalid identifier token '{parts[0]}' specified");
        }

        return keys.Contains(text)
            ? new Identifier(EntityKind.Attribute, text)
            : throw new FilterException($"Invalid attribute key '{text}' specified. Valid keys are: {PythonText.Set(keys)}");
    }

    /// <remarks>Text may be compared by order as well; the contract compares it as text.</remarks>
    private static void Check(BoundComparison comparison)
    {
        if (comparison.Kind == EntityKind.Tag)
        {
            if (!FilterValues.TextComparators.Contains(comparison.Comparator))
                throw new FilterException($"Invalid comparator for tag: {comparison.Comparator}");
            return;
        }

        var isNumeric = NumericKeys.Contains(comparison.Key);
        var comparator = comparison.Comparator.ToUpperInvariant();
        if (!FilterValues.NumericComparators.Contains(comparator) && (isNumeric || !FilterValues.TextComparators.Contains(comparator)))
            throw new FilterException($"Invalid comparator for {(isNumeric ? "numeric" : "string")} attribute: {comparison.Comparator}");
    }
}
