namespace ModelRegistry.Server.Filtering.Parsing;

/// <summary>
/// Groups tokens into identifiers, lists, operations and comparisons. Each pass is one rule over the whole row; their order decides
/// what binds first, so <c>tags.a-b = 'x'</c> is a comparison whose left side is an operation, as it is for the contract.
/// </summary>
internal static class NodeGrouper
{
    /// <summary>Deeper brackets are refused before anything walks into them.</summary>
    public const int MaxDepth = 100;

    /// <summary>The grouped row, or null when brackets nest too deeply.</summary>
    public static List<FilterNode>? GroupOrNull(List<FilterNode> tokens)
    {
        var nodes = GroupPairs(GroupPairs(tokens, "[", "]", NodeKind.Brackets), "(", ")", NodeKind.Parenthesis);
        if (nodes.Exists(node => node.Depth > MaxDepth)) return null;

        nodes = GroupFunctions(nodes);
        nodes = GroupWhere(nodes);
        nodes = GroupDots(nodes);
        nodes = GroupSubscripts(nodes);
        nodes = nodes.ConvertAll(node => node.Kind is NodeKind.Name or NodeKind.Symbol ? node with { Kind = NodeKind.Identifier } : node);
        nodes = GroupDirections(nodes);
        nodes = JoinAround(nodes, NodeKind.Identifier, IsCast, _ => true, _ => true);
        nodes = GroupTypedLiterals(nodes);
        nodes = JoinAround(nodes, NodeKind.Operation, IsOperator, IsOperand, IsOperand);
        nodes = JoinAround(nodes, NodeKind.Comparison, node => node.Kind == NodeKind.Comparator, IsComparable, IsComparable);
        nodes = JoinAround(nodes, NodeKind.Identifier, node => node.IsKeyword("AS"), IsNoKeyword, _ => true);
        nodes = GroupAliases(nodes);
        nodes = JoinAround(nodes, NodeKind.Other, node => node.Kind == NodeKind.Assignment, IsNoKeyword, IsNoKeyword);
        nodes = AppendComments(nodes);
        return JoinAround(nodes, NodeKind.Other, node => node.Is(NodeKind.Punctuation, ","), IsListItem, IsListItem);
    }

    private static bool IsCast(FilterNode node) => node.Is(NodeKind.Punctuation, "::");

    private static bool IsOperator(FilterNode node) => node.Kind is NodeKind.Operator or NodeKind.Wildcard;

    private static bool IsNoKeyword(FilterNode node) => node.Kind != NodeKind.Keyword;

    private static bool IsDot(FilterNode node) =>
        node.Is(NodeKind.Punctuation, ".") || node.Is(NodeKind.Operator, "->") || node.Is(NodeKind.Operator, "->>");

    private static bool IsOperand(FilterNode node) =>
        node.Kind == NodeKind.Brackets || (IsComparable(node) && !node.IsKeyword("NULL"));

    private static bool IsComparable(FilterNode node) =>
        node.Kind is NodeKind.Identifier or NodeKind.Parenthesis or NodeKind.Function or NodeKind.Operation or NodeKind.TypedLiteral
            or NodeKind.Integer or NodeKind.Float or NodeKind.Text or NodeKind.Placeholder
        || node.IsKeyword("NULL");

    private static bool IsListItem(FilterNode node) =>
        node.Kind is NodeKind.Identifier or NodeKind.Function or NodeKind.Comparison or NodeKind.Operation or NodeKind.Other
            or NodeKind.Integer or NodeKind.Float or NodeKind.Text or NodeKind.Placeholder or NodeKind.Keyword
            or NodeKind.Comment or NodeKind.Wildcard;

    private static List<FilterNode> GroupPairs(List<FilterNode> nodes, string open, string close, NodeKind kind)
    {
        var result = new List<FilterNode>(nodes.Count);
        var opens = new Stack<int>();
        foreach (var node in nodes)
        {
            result.Add(node);
            if (node.Is(NodeKind.Punctuation, open))
            {
                opens.Push(result.Count - 1);
            }
            else if (node.Is(NodeKind.Punctuation, close) && opens.TryPop(out var start))
            {
                var depth = 1;
                for (var index = start; index < result.Count; index++) depth = Math.Max(depth, result[index].Depth + 1);
                var group = FilterNode.Span(kind, result[start], node) with { Depth = depth };
                result.RemoveRange(start, result.Count - start);
                result.Add(group);
            }
        }

        return result;
    }

    private static List<FilterNode> GroupFunctions(List<FilterNode> nodes) =>
        JoinWithNext(
            nodes,
            NodeKind.Function,
            node => node.Kind is NodeKind.Name or NodeKind.Builtin or NodeKind.Placeholder,
            next => next.Kind == NodeKind.Parenthesis);

    private static List<FilterNode> GroupTypedLiterals(List<FilterNode> nodes)
    {
        // Only after something else: at the start of the row there is nothing the literal could belong to.
        if (nodes.Count == 0) return nodes;
        var rest = JoinWithNext(
            nodes[1..],
            NodeKind.TypedLiteral,
            node => node.Kind == NodeKind.Builtin,
            next => next.Kind == NodeKind.Text);
        rest.Insert(0, nodes[0]);
        return rest;
    }

    private static List<FilterNode> GroupAliases(List<FilterNode> nodes) =>
        JoinWithNext(
            nodes,
            NodeKind.Identifier,
            node => node.IsNumber
                || node.Kind is NodeKind.Parenthesis or NodeKind.Function or NodeKind.Identifier or NodeKind.Operation
                    or NodeKind.Comparison,
            next => next.Kind == NodeKind.Identifier);

    private static List<FilterNode> GroupWhere(List<FilterNode> nodes)
    {
        var start = nodes.FindIndex(node => node.IsKeyword("WHERE"));
        return start < 0 ? nodes : [.. nodes[..start], FilterNode.Span(NodeKind.Other, nodes[start], nodes[^1])];
    }

    /// <summary>Joins names at dots. A name ending in a dot stays an identifier of its own when no name follows.</summary>
    private static List<FilterNode> GroupDots(List<FilterNode> nodes)
    {
        var result = new List<FilterNode>(nodes.Count);
        FilterNode? last = null;
        for (var index = 0; index < nodes.Count; index++)
        {
            var node = nodes[index];
            var joins = IsDot(node)
                && last?.Kind is NodeKind.Brackets or NodeKind.Identifier or NodeKind.Name or NodeKind.Symbol;
            if (!joins)
            {
                result.Add(last = node);
                continue;
            }

            var next = index + 1 < nodes.Count ? nodes[index + 1] : null;
            var takesNext = next?.Kind is NodeKind.Brackets or NodeKind.Function or NodeKind.Name or NodeKind.Symbol
                or NodeKind.Wildcard or NodeKind.Text;
            result[^1] = FilterNode.Span(NodeKind.Identifier, result[^1], takesNext ? next! : node);
            last = takesNext ? next : result[^1];
            if (takesNext) index++;
        }

        return result;
    }

    private static List<FilterNode> GroupSubscripts(List<FilterNode> nodes) =>
        JoinWithPrevious(
            nodes,
            node => node.Kind == NodeKind.Brackets,
            previous => previous.Kind is NodeKind.Brackets or NodeKind.Identifier or NodeKind.Function or NodeKind.Name or NodeKind.Symbol);

    private static List<FilterNode> GroupDirections(List<FilterNode> nodes) =>
        JoinWithPrevious(
            nodes,
            node => node.Kind == NodeKind.Direction,
            previous => previous.Kind == NodeKind.Identifier || previous.IsNumber);

    /// <summary>A comment in the middle belongs to the group before it; at the end it stands for itself.</summary>
    private static List<FilterNode> AppendComments(List<FilterNode> nodes)
    {
        var result = new List<FilterNode>(nodes.Count);
        foreach (var node in nodes)
        {
            if (node.Kind == NodeKind.Comment && node != nodes[^1] && result is [.., { IsGroup: true } previous])
                result[^1] = previous with { End = node.End, Parts = previous.Parts.Count > 0 ? [.. previous.Parts, node] : [] };
            else
                result.Add(node);
        }

        return result;
    }

    private static List<FilterNode> JoinWithPrevious(
        List<FilterNode> nodes, Predicate<FilterNode> isNode, Predicate<FilterNode> isPrevious)
    {
        var result = new List<FilterNode>(nodes.Count);
        foreach (var node in nodes)
        {
            if (result.Count > 0 && isNode(node) && isPrevious(result[^1]))
                result[^1] = FilterNode.Span(NodeKind.Identifier, result[^1], node);
            else
                result.Add(node);
        }

        return result;
    }

    private static List<FilterNode> JoinWithNext(
        List<FilterNode> nodes, NodeKind kind, Predicate<FilterNode> isNode, Predicate<FilterNode> isNext)
    {
        var result = new List<FilterNode>(nodes.Count);
        for (var index = 0; index < nodes.Count; index++)
        {
            var joins = index + 1 < nodes.Count && isNode(nodes[index]) && isNext(nodes[index + 1]);
            result.Add(joins ? FilterNode.Span(kind, nodes[index], nodes[++index]) : nodes[index]);
        }

        return result;
    }

    /// <summary>Joins a node with both neighbours. A chain is judged by the last plain neighbour, not by the group before it.</summary>
    private static List<FilterNode> JoinAround(
        List<FilterNode> nodes,
        NodeKind kind,
        Predicate<FilterNode> isMiddle,
        Predicate<FilterNode> isLeft,
        Predicate<FilterNode> isRight)
    {
        var result = new List<FilterNode>(nodes.Count);
        FilterNode? last = null;
        for (var index = 0; index < nodes.Count; index++)
        {
            var node = nodes[index];
            var joins = last is not null && index + 1 < nodes.Count && isMiddle(node) && isLeft(last) && isRight(nodes[index + 1]);
            if (!joins)
            {
                result.Add(last = node);
                continue;
            }

            last = nodes[++index];
            var left = result[^1];
            result[^1] = FilterNode.Span(kind, left, last) with { Parts = kind == NodeKind.Comparison ? [left, node, last] : [] };
        }

        return result;
    }
}
