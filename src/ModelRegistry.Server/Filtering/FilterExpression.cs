using ModelRegistry.Server.Filtering.Parsing;

namespace ModelRegistry.Server.Filtering;

/// <summary>
/// A filter: comparisons that must all hold. When every left side is an identifier,
/// it prints as a filter that parses to the same comparisons.
/// </summary>
internal sealed record FilterExpression(IReadOnlyList<Comparison> Comparisons)
{
    public static readonly FilterExpression Empty = new([]);

    public override string ToString() => string.Join(" AND ", Comparisons);
}

/// <param name="Comparator">As written; <c>IS NULL</c>, <c>IS NOT NULL</c> and <c>NOT IN</c> always in upper case.</param>
/// <param name="Right">Null for <c>IS NULL</c> and <c>IS NOT NULL</c>.</param>
internal sealed record Comparison(Operand Left, string Comparator, Literal? Right)
{
    public override string ToString() => Right is null ? $"{Left} {Comparator}" : $"{Left} {Comparator} {Right}";
}

/// <param name="Text">The identifier as written, with its quotes.</param>
/// <param name="IsIdentifier">False for a value or an operation where the identifier should be.</param>
internal sealed record Operand(string Text, bool IsIdentifier)
{
    public override string ToString() => Text;
}

internal enum LiteralKind
{
    SingleQuoted,
    Integer,
    Float,

    /// <summary>Double-quoted text or a bare word.</summary>
    Identifier,
    List,
    Other,
}

/// <param name="Text">The value as written, with its quotes or parentheses.</param>
internal sealed record Literal(LiteralKind Kind, string Text)
{
    public bool IsNumber => Kind is LiteralKind.Integer or LiteralKind.Float;

    public override string ToString() => Text;
}
