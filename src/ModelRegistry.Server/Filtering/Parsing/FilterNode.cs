namespace ModelRegistry.Server.Filtering.Parsing;

internal enum NodeKind
{
    // Tokens.
    Name,
    Builtin,
    Placeholder,
    Keyword,
    Direction,
    Integer,
    Float,
    Hexadecimal,
    Text,
    Symbol,
    Comparator,
    Operator,
    Wildcard,
    Punctuation,
    Assignment,
    Comment,
    Odd,

    // Groups of tokens.
    Identifier,
    Parenthesis,
    Brackets,
    Function,
    Operation,
    TypedLiteral,
    Comparison,
    Other,
}

/// <summary>A token, or a run of tokens grouped into one, as a slice of the source.</summary>
/// <param name="Depth">Levels of brackets inside the node.</param>
internal sealed record FilterNode(NodeKind Kind, string Source, int Start, int End, int Depth = 0)
{
    /// <summary>Operands and comparator of a comparison; empty for every other kind.</summary>
    public IReadOnlyList<FilterNode> Parts { get; init; } = [];

    public string Text => Source[Start..End];

    public bool IsGroup => Kind >= NodeKind.Identifier;

    public bool IsNumber => Kind is NodeKind.Integer or NodeKind.Float or NodeKind.Hexadecimal;

    public bool Is(NodeKind kind, string text) => Kind == kind && Source.AsSpan(Start, End - Start).SequenceEqual(text);

    public bool IsKeyword(string word) =>
        Kind == NodeKind.Keyword && Source.AsSpan(Start, End - Start).Equals(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>A node that stands for words which were written apart (<c>NOT   IN</c>).</summary>
    public static FilterNode Synthetic(NodeKind kind, string text) => new(kind, text, 0, text.Length);

    public static FilterNode Span(NodeKind kind, FilterNode first, FilterNode last) =>
        new(kind, first.Source, first.Start, last.End, Math.Max(first.Depth, last.Depth));
}
