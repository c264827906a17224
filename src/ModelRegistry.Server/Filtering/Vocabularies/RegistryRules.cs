using System.Collections.Frozen;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Parsing;

namespace ModelRegistry.Server.Filtering.Vocabularies;

/// <summary>What registered models and model versions have in common.</summary>
internal static class RegistryRules
{
    public const string ValidEntities = "Valid entity types are ('attribute', 'tag', 'tags')";

    public static readonly FrozenDictionary<string, EntityKind> Entities = new Dictionary<string, EntityKind>
    {
        ["attribute"] = EntityKind.Attribute,
        ["tag"] = EntityKind.Tag,
        ["tags"] = EntityKind.Tag,
    }.ToFrozenDictionary();

    public static IdentifierRules Identifiers(FrozenSet<string> attributeKeys) => new()
    {
        Entities = Entities,
        ValidEntities = ValidEntities,
        AttributeKeys = attributeKeys,
        ChecksKeyAsWritten = true,
    };

    public static BoundComparison ReadText(BoundComparison comparison, Literal value)
    {
        if (comparison.Kind == EntityKind.Tag || FilterValues.IsText(value)) return FilterValues.ReadText(comparison, value);
        if (value.Kind == LiteralKind.List) return FilterValues.ReadRunIdList(comparison, value);
        throw new FilterException(
            $"Expected a quoted string value or a list of quoted string values for attributes. Got value {value.Text}");
    }

    public static void CheckText(BoundComparison comparison)
    {
        if (!FilterValues.TextComparators.Contains(comparison.Comparator))
            throw new FilterException($"Invalid comparator for {comparison.Kind.Name()}: {comparison.Comparator}");
    }
}
