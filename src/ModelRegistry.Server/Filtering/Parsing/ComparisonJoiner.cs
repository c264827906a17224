using ModelRegistry.Server.Filtering.Vocabularies;

namespace ModelRegistry.Server.Filtering.Parsing;

/// <summary>
/// Joins <c>IN</c>, <c>NOT IN</c>, <c>IS NULL</c> and <c>IS NOT NULL</c>, which are plain words for the grouper, into comparisons.
/// </summary>
internal static class ComparisonJoiner
{
    /// <param name="joinsTimestamp">Whether the type name <c>timestamp</c> may stand for the attribute of that name.</param>
    public static List<FilterNode> Join(IReadOnlyList<FilterNode> nodes, bool joinsTimestamp = false)
    {
        var result = new List<FilterNode>(nodes.Count);
        var index = 0;
        while (index < nodes.Count)
        {
            if (joinsTimestamp && nodes.Count - index >= 3 && nodes[index].Is(NodeKind.Builtin, "timestamp"))
            {
                AddTimestamp(nodes, index, result);
                index += 3;
                continue;
            }

            if (nodes.Count - index >= 3 && nodes[index].Kind == NodeKind.Identifier)
            {
                index += AddFrom(nodes, index, result);
                continue;
            }

            result.Add(nodes[index++]);
        }

        return result;
    }

    /// <summary>Adds what starts with the identifier at an index; other words are passed on four at a time, unread.</summary>
    private static int AddFrom(IReadOnlyList<FilterNode> nodes, int index, List<FilterNode> result)
    {
        var (first, second, third) = (nodes[index], nodes[index + 1], nodes[index + 2]);
        var joined = (second, third) switch
        {
            _ when second.IsKeyword("IN") && third.Kind == NodeKind.Parenthesis => Comparison(first, second, third),
            _ when second.IsKeyword("IS") && third.IsKeyword("NULL") => Comparison(first, Keyword("IS NULL")),
            _ when second.IsKeyword("IS") && third.IsKeyword("NOT NULL") => Comparison(first, Keyword("IS NOT NULL")),
            _ => null,
        };
        if (joined is not null)
        {
            result.Add(joined);
            return 3;
        }

        var fourth = index + 3 < nodes.Count ? nodes[index + 3] : null;
        if (second.IsKeyword("NOT") && third.IsKeyword("IN") && fourth?.Kind == NodeKind.Parenthesis)
        {
            result.Add(Comparison(first, Keyword("NOT IN"), fourth));
            return 4;
        }

        result.AddRange(nodes.Skip(index).Take(4));
        return fourth is null ? 3 : 4;
    }

    /// <summary>What does not compare with an integer stays apart; the contract then names the first word twice.</summary>
    private static void AddTimestamp(IReadOnlyList<FilterNode> nodes, int index, List<FilterNode> result)
    {
        var (first, second, third) = (nodes[index], nodes[index + 1], nodes[index + 2]);
        var compares = second.Kind == NodeKind.Comparator && FilterValues.NumericComparators.Contains(second.Text);
        if (compares && third.Kind == NodeKind.Integer)
            result.Add(Comparison(first with { Kind = NodeKind.Identifier }, second, third));
        else
            result.AddRange([first, second, third, first]);
    }

    private static FilterNode Keyword(string words) => FilterNode.Synthetic(NodeKind.Keyword, words);

    private static FilterNode Comparison(params FilterNode[] parts) =>
        FilterNode.Synthetic(NodeKind.Comparison, string.Concat(parts.Select(part => part.Text))) with { Parts = parts };
}
