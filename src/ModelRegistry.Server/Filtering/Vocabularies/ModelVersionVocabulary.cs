using System.Collections.Frozen;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Filtering.Vocabularies;

/// <summary>Filter and order of model-versions/search.</summary>
internal static class ModelVersionVocabulary
{
    private const string NumericKey = "version_number";

    private static readonly FrozenSet<string> OrderKeys = ["name", NumericKey, "creation_timestamp", "last_updated_timestamp"];

    private static readonly FilterVocabulary Vocabulary = new()
    {
        Clauses = ClauseStyle.Plain,
        Identifiers = RegistryRules.Identifiers(["name", NumericKey, "run_id", "source_path"]),
        ReadValue = ReadValue,
        CheckNullCheck = null,
        CheckComparator = CheckComparator,
    };

    private static readonly OrderByRules Order = new()
    {
        Identifiers = new IdentifierRules
        {
            Entities = RegistryRules.Entities,
            ValidEntities = RegistryRules.ValidEntities,
            AttributeKeys = OrderKeys,
        },
        Check = identifier =>
        {
            if (!OrderKeys.Contains(identifier.Key))
                throw new FilterException($"Invalid order by key '{identifier.Key}' specified. Valid keys are {PythonText.Set(OrderKeys)}");
        },
        IgnoresEntity = true,
        RejectsDuplicates = true,
    };

    /// <summary><c>version_number</c> may be compared with any quoted text; then Number is null and Text holds it.</summary>
    public static IReadOnlyList<BoundComparison> Bind(string? filter) => Vocabulary.Bind(filter);

    public static IReadOnlyList<OrderTerm> BindOrder(IReadOnlyList<string> clauses) => OrderByParser.Parse(clauses, Order);

    private static BoundComparison ReadValue(BoundComparison comparison, Literal value)
    {
        if (comparison.Kind == EntityKind.Attribute && value.IsNumber)
        {
            return comparison.Key == NumericKey
                ? comparison.WithNumber(value.Text)
                : throw new FilterException(
                    "Only the '{'creation_timestamp', 'last_updated_timestamp', 'version_number'}' attributes "
                    + "support comparison with numeric values.");
        }

        var bound = RegistryRules.ReadText(comparison, value);
        return IsNumeric(bound) ? bound.WithNumber(bound.Text!) : bound;
    }

    private static bool IsNumeric(BoundComparison comparison) =>
        comparison is { Kind: EntityKind.Attribute, Key: NumericKey };

    private static void CheckComparator(BoundComparison comparison)
    {
        if (IsNumeric(comparison))
        {
            if (!FilterValues.NumericComparators.Contains(comparison.Comparator))
                throw new FilterException($"Invalid comparator for attribute {NumericKey}: {comparison.Comparator}");
        }
        else if (comparison is not { Kind: EntityKind.Attribute, Key: "run_id", Comparator: "IN" })
        {
            RegistryRules.CheckText(comparison);
        }
    }
}
