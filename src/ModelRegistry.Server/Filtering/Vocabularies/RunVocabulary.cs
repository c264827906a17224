using System.Collections.Frozen;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Parsing;

namespace ModelRegistry.Server.Filtering.Vocabularies;

/// <summary>Filter and order of runs/search.</summary>
internal static class RunVocabulary
{
    private static readonly FrozenSet<string> NumericKeys = ["start_time", "end_time", "created", "Created"];

    private static readonly IdentifierRules Identifiers = new()
    {
        Entities = new Dictionary<string, EntityKind>
        {
            ["metric"] = EntityKind.Metric,
            ["metrics"] = EntityKind.Metric,
            ["parameter"] = EntityKind.Parameter,
            ["parameters"] = EntityKind.Parameter,
            ["param"] = EntityKind.Parameter,
            ["params"] = EntityKind.Parameter,
            ["tag"] = EntityKind.Tag,
            ["tags"] = EntityKind.Tag,
            ["attribute"] = EntityKind.Attribute,
            ["attributes"] = EntityKind.Attribute,
            ["attr"] = EntityKind.Attribute,
            ["run"] = EntityKind.Attribute,
            ["dataset"] = EntityKind.Dataset,
            ["datasets"] = EntityKind.Dataset,
        }.ToFrozenDictionary(),
        ValidEntities = "Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']",
        AttributeKeys =
        [
            "run_id", "run_name", "run name", "Run name", "Run Name", "status", "user_id", "artifact_uri",
            "start_time", "end_time", "created", "Created",
        ],
        DatasetKeys = ["name", "digest", "context"],
        KeyAliases = new Dictionary<string, string>
        {
            ["created"] = "start_time",
            ["Created"] = "start_time",
            ["run name"] = "run_name",
            ["Run name"] = "run_name",
            ["Run Name"] = "run_name",
        }.ToFrozenDictionary(),
        TrimsEntity = true,
    };

    private static readonly OrderByRules Order = new()
    {
        Identifiers = Identifiers with
        {
            AttributeKeys =
            [
                "run_id", "run_name", "status", "user_id", "artifact_uri", "start_time", "end_time", "created", "Created",
            ],
        },
        Check = identifier =>
        {
            if (identifier.Kind == EntityKind.Dataset) throw new FilterException("Invalid identifier type 'dataset'");
        },
        RejectsDuplicates = true,
    };

    private static readonly FilterVocabulary Vocabulary = new()
    {
        Clauses = ClauseStyle.Quoted,
        Identifiers = Identifiers,
        ReadValue = ReadValue,
        CheckNullCheck = CheckNullCheck,
        CheckComparator = CheckComparator,
    };

    public static IReadOnlyList<BoundComparison> Bind(string? filter) => Vocabulary.Bind(filter);

    public static IReadOnlyList<OrderTerm> BindOrder(IReadOnlyList<string> clauses) => OrderByParser.Parse(clauses, Order);

    private static BoundComparison ReadValue(BoundComparison comparison, Literal value) => comparison.Kind switch
    {
        EntityKind.Metric when value.IsNumber => comparison.WithNumber(value.Text),
        EntityKind.Metric => throw new FilterException($"Expected numeric value type for metric. Found {value.Text}"),
        EntityKind.Attribute when NumericKeys.Contains(comparison.Key) => FilterValues.ReadNumericAttribute(comparison, value),
        EntityKind.Attribute when value.Kind == LiteralKind.List => FilterValues.ReadRunIdList(comparison, value),
        EntityKind.Attribute when !FilterValues.IsText(value) =>
            throw new FilterException($"Expected a quoted string value for attributes. Got value {value.Text}"),
        EntityKind.Dataset when value.Kind == LiteralKind.List => comparison with { List = FilterValues.ReadList(value.Text) },
        EntityKind.Dataset when !FilterValues.IsText(value) =>
            throw new FilterException($"Expected a quoted string value for dataset attributes. Got value {value.Text}"),
        _ => FilterValues.ReadText(comparison, value),
    };

    private static void CheckNullCheck(Identifier identifier)
    {
        if (identifier.Kind is EntityKind.Tag or EntityKind.Parameter) return;
        throw new FilterException(
            $"IS NULL / IS NOT NULL is only supported for tags and params, not for '{identifier.Kind.Name()}' '{identifier.Key}'");
    }

    // The contract prints the string comparators for a numeric attribute, and closes the quote for some kinds only.
    private static void CheckComparator(BoundComparison comparison)
    {
        var isNumericAttribute = comparison.Kind == EntityKind.Attribute && NumericKeys.Contains(comparison.Key);
        var (valid, printed, closingQuote) = comparison.Kind switch
        {
            EntityKind.Metric => (FilterValues.NumericComparators, FilterValues.NumericComparators, false),
            EntityKind.Parameter => (FilterValues.TextOrNullComparators, FilterValues.TextOrNullComparators, true),
            EntityKind.Tag => (FilterValues.TextOrNullComparators, FilterValues.TextOrNullComparators, false),
            EntityKind.Dataset => (FilterValues.TextOrListComparators, FilterValues.TextOrListComparators, false),
            _ when isNumericAttribute => (FilterValues.NumericComparators, FilterValues.TextOrListComparators, false),
            _ => (FilterValues.TextOrListComparators, FilterValues.TextOrListComparators, true),
        };
        FilterValues.CheckComparator(comparison.Comparator, valid, printed, closingQuote);
    }
}
