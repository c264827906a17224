using System.Collections.Frozen;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Filtering.Vocabularies;

/// <summary>Filter and order of traces/search.</summary>
internal static class TraceVocabulary
{
    /// <summary>The tag that a condition on <c>prompt</c> is turned into; the link itself is no tag.</summary>
    public const string PromptTag = "mlflow.linkedPrompts";

    public const string SourceRunKey = "mlflow.sourceRun";
    public const string SpanContentKey = "content";
    public const string SpanAttributePrefix = "attributes.";

    private const string TraceNameTag = "mlflow.traceName";

    private static readonly FrozenSet<string> NumericKeys =
        ["timestamp_ms", "timestamp", "execution_time_ms", "execution_time", "end_time_ms", "end_time"];

    private static readonly FrozenSet<string> ListKeys = ["name", "status", "request_id", "run_id", "client_request_id"];
    private static readonly FrozenSet<string> TextComparators = ["!=", "=", "IN", "NOT IN", "LIKE", "ILIKE", "RLIKE"];
    private static readonly FrozenSet<string> KeyedComparators = ["!=", "=", "LIKE", "ILIKE", "RLIKE", "IS NULL", "IS NOT NULL"];
    private static readonly FrozenSet<string> ContentComparators = ["LIKE", "ILIKE"];
    private static readonly FrozenSet<string> IssueComparators = ["="];
    private static readonly FrozenSet<string> SpanKeys = ["name", "type", "status"];

    private static readonly FrozenDictionary<string, EntityKind> Entities = new Dictionary<string, EntityKind>
    {
        ["tag"] = EntityKind.Tag,
        ["tags"] = EntityKind.Tag,
        ["request_metadata"] = EntityKind.RequestMetadata,
        ["metadata"] = EntityKind.RequestMetadata,
        ["attribute"] = EntityKind.Attribute,
        ["attributes"] = EntityKind.Attribute,
        ["trace"] = EntityKind.Attribute,
        ["span"] = EntityKind.Span,
        ["feedback"] = EntityKind.Feedback,
        ["expectation"] = EntityKind.Expectation,
        ["issue"] = EntityKind.Issue,
    }.ToFrozenDictionary();

    private static readonly IdentifierRules Identifiers = new()
    {
        Entities = Entities,
        ValidEntities = $"Valid values are {PythonText.Set(Entities.Keys)}",
        AttributeKeys = [.. NumericKeys, "request_id", "status", "client_request_id", "name", "run_id", "prompt", "text"],
        TrimsEntity = true,
    };

    private static readonly IdentifierRules OrderIdentifiers = Identifiers with
    {
        AttributeKeys = [.. NumericKeys, "experiment_id", "status", "request_id", "name", "run_id"],
    };

    private static readonly FilterVocabulary Vocabulary = new()
    {
        Clauses = ClauseStyle.Quoted,
        Identifiers = Identifiers,
        ReadValue = ReadValue,
        CheckNullCheck = CheckSpan,
        CheckComparator = CheckComparator,
        JoinsTimestamp = true,
        Rewrite = Rewrite,
    };

    public static IReadOnlyList<BoundComparison> Bind(string? filter) => Vocabulary.Bind(filter);

    public static IReadOnlyList<OrderTerm> BindOrder(IReadOnlyList<string> clauses) =>
        OrderByParser.Parse(clauses, ResolveOrder, rejectsDuplicates: true);

    private static OrderTerm ResolveOrder(OrderClause clause)
    {
        var identifier = Identifier.Resolve(clause.Token, OrderIdentifiers);
        var meant = Rewrite(new BoundComparison(identifier.Kind, identifier.Key, "="));
        return meant.Kind is EntityKind.Attribute or EntityKind.Tag or EntityKind.RequestMetadata
            ? new OrderTerm(meant.Kind, meant.Key, clause.Ascending)
            : throw new FilterException($"Invalid identifier type '{meant.Kind.Name()}'");
    }

    /// <summary>Some keys are kept in tags, metadata or spans; the contract looks at the key alone, whatever it is a key of.</summary>
    private static BoundComparison Rewrite(BoundComparison comparison) =>
        comparison.Kind == EntityKind.Span ? comparison : comparison.Key.ToLowerInvariant() switch
        {
            "name" => comparison with { Kind = EntityKind.Tag, Key = TraceNameTag },
            "prompt" => comparison with { Kind = EntityKind.Tag, Key = PromptTag },
            "run_id" => comparison with { Kind = EntityKind.RequestMetadata, Key = SourceRunKey },
            "text" => comparison with { Kind = EntityKind.Span, Key = SpanContentKey },
            "timestamp" => comparison with { Key = "timestamp_ms" },
            "execution_time" => comparison with { Key = "execution_time_ms" },
            "end_time" => comparison with { Key = "end_time_ms" },
            _ => comparison,
        };

    private static BoundComparison ReadValue(BoundComparison comparison, Literal value)
    {
        var bound = comparison.Kind switch
        {
            EntityKind.Attribute => ReadAttribute(comparison, value),
            EntityKind.Tag or EntityKind.Span when value.Kind == LiteralKind.List =>
                comparison with { List = FilterValues.ReadWholeList(value.Text) },
            _ => FilterValues.ReadText(comparison, value),
        };
        if (comparison.Kind == EntityKind.Span)
            CheckSpan(comparison);
        return bound;
    }

    private static BoundComparison ReadAttribute(BoundComparison comparison, Literal value)
    {
        if (FilterValues.IsText(value))
            return FilterValues.ReadText(comparison, value);
        if (value.Kind == LiteralKind.List)
        {
            return ListKeys.Contains(comparison.Key)
                ? comparison with { List = FilterValues.ReadWholeList(value.Text) }
                : throw new FilterException(
                    $"Only attributes in {PythonText.Set(ListKeys)} supports comparison with a list of quoted string values.");
        }

        if (!value.IsNumber)
        {
            throw new FilterException(
                $"Expected a quoted string value or a list of quoted string values for attributes. Got value {value.Text}");
        }

        return NumericKeys.Contains(comparison.Key)
            ? comparison.WithNumber(value.Text)
            : throw new FilterException($"Only the '{PythonText.Set(NumericKeys)}' attributes support comparison with numeric values.");
    }

    private static void CheckSpan(Identifier identifier)
    {
        if (identifier.Kind == EntityKind.Span)
            CheckSpan(new BoundComparison(identifier.Kind, identifier.Key, "IS NULL"));
    }

    private static void CheckSpan(BoundComparison comparison)
    {
        var isAttribute = comparison.Key.StartsWith(SpanAttributePrefix, StringComparison.Ordinal);
        if (isAttribute && comparison.Key.Length == SpanAttributePrefix.Length)
            throw new FilterException("Span attribute name cannot be empty after 'attributes.'");
        if (!isAttribute && !SpanKeys.Contains(comparison.Key) && comparison.Key != SpanContentKey)
        {
            throw new FilterException(
                $"Invalid span attribute '{comparison.Key}'. Supported attributes: name, status, type, attributes.<attribute_name>.");
        }

        CheckNamed("span", comparison, comparison.Key == SpanContentKey ? ContentComparators : TextComparators);
    }

    private static void CheckComparator(BoundComparison comparison)
    {
        switch (comparison.Kind)
        {
            case EntityKind.Issue when comparison.Key != "id":
                throw new FilterException($"Invalid issue attribute '{comparison.Key}'. Supported attributes: id");
            case EntityKind.Issue:
                CheckNamed("issue", comparison, IssueComparators);
                break;
            case EntityKind.Attribute when NumericKeys.Contains(comparison.Key):
                FilterValues.CheckComparator(comparison.Comparator, FilterValues.NumericComparators, TextComparators, closingQuote: false);
                break;
            case EntityKind.Attribute:
                FilterValues.CheckComparator(comparison.Comparator, TextComparators, TextComparators, closingQuote: true);
                break;
            case EntityKind.Span:
                CheckSpan(comparison);
                break;
            case EntityKind.Feedback or EntityKind.Expectation:
                CheckNamed("assessment", comparison, KeyedComparators);
                break;
            default:
                var isTag = comparison.Kind == EntityKind.Tag;
                FilterValues.CheckComparator(comparison.Comparator, KeyedComparators, KeyedComparators, closingQuote: !isTag);
                CheckPrompt(comparison);
                break;
        }
    }

    private static void CheckPrompt(BoundComparison comparison)
    {
        if (comparison is not { Kind: EntityKind.Tag, Key: PromptTag })
            return;
        if (comparison.Comparator != "=")
        {
            throw new FilterException(
                $"Invalid comparator '{comparison.Comparator}' for prompts filter. Only '=' is supported with format: prompt = \"name/version\"");
        }

        if (comparison.Text?.Count(c => c == '/') != 1)
            throw new FilterException($"Invalid prompts filter value '{comparison.Text}'. Expected format: prompt = \"name/version\"");
    }

    private static void CheckNamed(string entity, BoundComparison comparison, FrozenSet<string> valid)
    {
        if (!valid.Contains(comparison.Comparator))
            throw new FilterException($"{entity}.{comparison.Key} comparator '{comparison.Comparator}' not one of '{PythonText.Set(valid)}'");
    }
}
