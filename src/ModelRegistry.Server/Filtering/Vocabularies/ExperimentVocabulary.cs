using System.Collections.Frozen;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Parsing;

namespace ModelRegistry.Server.Filtering.Vocabularies;

/// <summary>Filter and order of experiments/search.</summary>
internal static class ExperimentVocabulary
{
    private static readonly FrozenSet<string> NumericKeys = ["creation_time", "last_update_time"];

    private static readonly IdentifierRules Identifiers = new()
    {
        Entities = RegistryRules.Entities,
        ValidEntities = RegistryRules.ValidEntities,
        AttributeKeys = ["name", "creation_time", "last_update_time"],
    };

    private static readonly OrderByRules Order = new()
    {
        Identifiers = Identifiers with { AttributeKeys = ["name", "experiment_id", "creation_time", "last_update_time"] },
        Check = identifier =>
        {
            if (identifier.Kind != EntityKind.Attribute)
                throw new FilterException($"Invalid order_by entity: {identifier.Kind.Name()}");
        },
    };

    private static readonly FilterVocabulary Vocabulary = new()
    {
        Clauses = ClauseStyle.Plain,
        Identifiers = Identifiers,
        ReadValue = (comparison, value) => FilterValues.ReadAttributeOrTag(comparison, value, NumericKeys),
        CheckNullCheck = CheckNullCheck,
        CheckComparator = CheckComparator,
        ComparatorsAreCaseSensitive = true,
    };

    public static IReadOnlyList<BoundComparison> Bind(string? filter) => Vocabulary.Bind(filter);

    public static IReadOnlyList<OrderTerm> BindOrder(IReadOnlyList<string> clauses) => OrderByParser.Parse(clauses, Order);

    private static void CheckNullCheck(Identifier identifier)
    {
        if (identifier.Kind == EntityKind.Tag) return;
        throw new FilterException($"IS NULL / IS NOT NULL is only supported for tags, not for attribute '{identifier.Key}'");
    }

    private static void CheckComparator(BoundComparison comparison)
    {
        if (comparison.Kind == EntityKind.Tag)
        {
            if (!FilterValues.TextOrNullComparators.Contains(comparison.Comparator))
                throw new FilterException($"Invalid comparator for tag: {comparison.Comparator}");
            return;
        }

        var isNumeric = NumericKeys.Contains(comparison.Key);
        var valid = isNumeric ? FilterValues.NumericComparators : FilterValues.TextOrListComparators;
        FilterValues.CheckComparator(comparison.Comparator, valid, FilterValues.TextOrListComparators, closingQuote: !isNumeric);
    }
}
