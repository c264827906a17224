using System.Collections.Frozen;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Lexing;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Filtering.Parsing;

/// <summary>What an area accepts on the left side of a comparison or in an order_by clause.</summary>
internal sealed record IdentifierRules
{
    /// <summary>Accepted prefixes and what they mean. Without a prefix a name is an attribute.</summary>
    public required FrozenDictionary<string, EntityKind> Entities { get; init; }

    /// <summary>The end of the message about an unknown prefix.</summary>
    public required string ValidEntities { get; init; }

    public required FrozenSet<string> AttributeKeys { get; init; }

    public FrozenSet<string> DatasetKeys { get; init; } = [];

    /// <summary>Alternative attribute names and what they stand for.</summary>
    public FrozenDictionary<string, string> KeyAliases { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Whether the prefix may stand in backticks.</summary>
    public bool TrimsEntity { get; init; }

    /// <summary>Whether a quoted attribute name is refused, because it is compared with its quotes.</summary>
    public bool ChecksKeyAsWritten { get; init; }
}

/// <param name="Key">Without quotes, as the user named it: <see cref="IdentifierRules.KeyAliases"/> are not applied yet.</param>
internal readonly record struct Identifier(EntityKind Kind, string Key)
{
    public static Identifier Resolve(string text, IdentifierRules rules)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var kind = dot < 0 ? EntityKind.Attribute : ResolveEntity(text[..dot], rules);
        var written = text[(dot + 1)..];
        var key = Quotes.TrimBackticks(Quotes.Trim(written));

        var checkedKey = rules.ChecksKeyAsWritten ? written : key;
        if (kind == EntityKind.Attribute && !rules.AttributeKeys.Contains(checkedKey))
            throw UnknownKey("attribute", checkedKey, rules.AttributeKeys);
        if (kind == EntityKind.Dataset && !rules.DatasetKeys.Contains(key))
            throw UnknownKey("dataset", key, rules.DatasetKeys);
        return new Identifier(kind, key);
    }

    private static EntityKind ResolveEntity(string written, IdentifierRules rules)
    {
        var entity = rules.TrimsEntity ? Quotes.TrimBackticks(written) : written;
        return rules.Entities.TryGetValue(entity, out var kind)
            ? kind
            : throw new FilterException($"Invalid entity type '{entity}'. {rules.ValidEntities}");
    }

    private static FilterException UnknownKey(string kind, string key, FrozenSet<string> valid) =>
        new($"Invalid {kind} key '{key}' specified. Valid keys are '{PythonText.Set(valid)}'");
}
