using ModelRegistry.Server.Filtering.Lexing;

namespace ModelRegistry.Server.Filtering.Parsing;

internal enum StatementCount
{
    None,
    One,
    Many,

    /// <summary>Too many tokens or brackets nested too deeply.</summary>
    TooLarge,
}

/// <summary>The grouped nodes of a text that should hold one statement.</summary>
internal sealed record FilterStatement(StatementCount Count, IReadOnlyList<FilterNode> Nodes)
{
    public static FilterStatement Read(string source)
    {
        if (FilterLexer.ReadOrNull(source) is not { } tokens) return new(StatementCount.TooLarge, []);
        if (tokens.Count == 0) return new(StatementCount.None, []);
        if (HasSecondStatement(tokens)) return new(StatementCount.Many, []);
        return NodeGrouper.GroupOrNull(tokens) is { } nodes ? new(StatementCount.One, nodes) : new(StatementCount.TooLarge, []);
    }

    private static bool HasSecondStatement(List<FilterNode> tokens)
    {
        var level = 0;
        for (var index = 0; index < tokens.Count - 1; index++)
        {
            if (tokens[index].Is(NodeKind.Punctuation, "(")) level++;
            else if (tokens[index].Is(NodeKind.Punctuation, ")")) level--;
            else if (level <= 0 && tokens[index].Is(NodeKind.Punctuation, ";")) return true;
        }

        return false;
    }
}
