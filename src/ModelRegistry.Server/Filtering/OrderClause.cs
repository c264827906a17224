using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Filtering;

/// <summary>One order_by clause taken apart: <c>identifier [ASC|DESC]</c>.</summary>
/// <param name="Token">The identifier; quotes are gone when a direction was given, and still there when not.</param>
internal readonly record struct OrderClause(string Token, bool Ascending)
{
    public static OrderClause Read(string clause)
    {
        var text = ReadToken(clause);
        var words = ShellWords.Split(text.Replace('`', '"'));
        if (words.Count > 2) throw Unparsable(clause);
        if (words.Count < 2) return new OrderClause(text.Trim(), Ascending: true);

        return words[1].ToLowerInvariant() switch
        {
            "asc" => new OrderClause(words[0].Trim(), Ascending: true),
            "desc" => new OrderClause(words[0].Trim(), Ascending: false),
            _ => throw new FilterException($"Invalid ordering key in order_by clause '{clause}'."),
        };
    }

    private static string ReadToken(string clause)
    {
        var statement = FilterStatement.Read(clause);
        if (statement.Count == StatementCount.TooLarge) throw new FilterException($"Error on parsing order_by clause '{clause}'");

        // The clause must be one node and nothing else, not even outer white space. "timestamp" is the one type name allowed.
        return statement.Nodes switch
        {
            [{ Kind: NodeKind.Identifier } node] when node.Text.Length == clause.Length => clause,
            [var node] when IsTimestamp(node) && node.Text.Length == clause.Length => clause,
            [var node, { Kind: NodeKind.Direction } direction]
                when IsTimestamp(node) && node.Start == 0 && direction.End == clause.Length =>
                $"timestamp {direction.Text}",
            _ => throw Unparsable(clause),
        };
    }

    private static bool IsTimestamp(FilterNode node) => node.Is(NodeKind.Builtin, "timestamp");

    private static FilterException Unparsable(string clause) => new($"Invalid order_by clause '{clause}'. Could not be parsed.");
}
