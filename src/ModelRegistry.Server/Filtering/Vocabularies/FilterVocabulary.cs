using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Parsing;

namespace ModelRegistry.Server.Filtering.Vocabularies;

/// <summary>The rules of one area. A new area is one more of these.</summary>
internal sealed record FilterVocabulary
{
    public required ClauseStyle Clauses { get; init; }

    public required IdentifierRules Identifiers { get; init; }

    /// <summary>Adds the value of a comparison, or throws the area's message about it.</summary>
    public required Func<BoundComparison, Literal, BoundComparison> ReadValue { get; init; }

    /// <summary>
    /// Throws the area's message when <c>IS NULL</c> is not for this identifier.
    /// Null for the areas whose contract answers any <c>IS NULL</c> with an internal error.
    /// </summary>
    public required Action<Identifier>? CheckNullCheck { get; init; }

    /// <summary>Throws the area's message when a comparator is not for this key.</summary>
    public required Action<BoundComparison> CheckComparator { get; init; }

    /// <summary>Whether a comparator in lower case is refused.</summary>
    public bool ComparatorsAreCaseSensitive { get; init; }

    /// <summary>Whether <c>timestamp</c>, a type name elsewhere, is an attribute.</summary>
    public bool JoinsTimestamp { get; init; }

    /// <summary>What a comparison stands for, where that is not what it says.</summary>
    public Func<BoundComparison, BoundComparison> Rewrite { get; init; } = comparison => comparison;

    public IReadOnlyList<BoundComparison> Bind(string? filter)
    {
        // Comparators are checked last: any bad name or value of the filter is reported before any bad comparator.
        var comparisons = FilterParser.Parse(filter, Clauses, JoinsTimestamp).Comparisons.Select(one => Rewrite(Resolve(one))).ToArray();
        foreach (var comparison in comparisons)
        {
            CheckComparator(comparison);
            if (comparison.List is not null && comparison.Comparator is not ("IN" or "NOT IN"))
                throw new FilterException($"Comparator '{comparison.Comparator}' does not support a list of values");
        }

        return comparisons;
    }

    private BoundComparison Resolve(Comparison comparison)
    {
        if (!comparison.Left.IsIdentifier)
            throw new FilterException($"Invalid comparison clause. Expected 'Identifier' found '{comparison.Left.Text}'");

        if (comparison.Right is null && CheckNullCheck is null)
            throw new FilterException("not enough values to unpack (expected 3, got 2)", FilterErrorKind.Internal);

        var identifier = Identifier.Resolve(comparison.Left.Text, Identifiers);
        var comparator = ComparatorsAreCaseSensitive ? comparison.Comparator : comparison.Comparator.ToUpperInvariant();
        if (comparison.Right is null)
        {
            CheckNullCheck!(identifier);
            return new BoundComparison(identifier.Kind, identifier.Key, comparator);
        }

        var bound = ReadValue(new BoundComparison(identifier.Kind, identifier.Key, comparator), comparison.Right);
        return identifier.Kind == EntityKind.Attribute && Identifiers.KeyAliases.TryGetValue(identifier.Key, out var key)
            ? bound with { Key = key }
            : bound;
    }
}
