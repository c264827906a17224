using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Parsing;

namespace ModelRegistry.Server.Filtering.Vocabularies;

/// <summary>Filter and order of registered-models/search.</summary>
internal static class RegisteredModelVocabulary
{
    private static readonly FilterVocabulary Vocabulary = new()
    {
        Clauses = ClauseStyle.Plain,
        Identifiers = RegistryRules.Identifiers(["name"]),
        ReadValue = RegistryRules.ReadText,
        CheckNullCheck = null,
        CheckComparator = RegistryRules.CheckText,
    };

    public static IReadOnlyList<BoundComparison> Bind(string? filter) => Vocabulary.Bind(filter);

    /// <summary>Keys: <c>name</c> and <c>last_updated_timestamp</c>, which <c>timestamp</c> is another name for.</summary>
    public static IReadOnlyList<OrderTerm> BindOrder(IReadOnlyList<string> clauses) =>
        OrderByParser.Parse(clauses, ResolveKey, rejectsDuplicates: true);

    private static OrderTerm ResolveKey(OrderClause clause) => clause.Token switch
    {
        "name" => new OrderTerm(EntityKind.Attribute, "name", clause.Ascending),
        "timestamp" or "last_updated_timestamp" => new OrderTerm(EntityKind.Attribute, "last_updated_timestamp", clause.Ascending),
        _ => throw new FilterException($"Invalid order by key '{clause.Token}' specified. Valid keys are '{{'name', 'timestamp'}}'"),
    };
}
