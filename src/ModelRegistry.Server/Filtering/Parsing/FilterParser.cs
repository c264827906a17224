using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Filtering.Parsing;

/// <summary>How the areas of the contract print the parts of a filter that are no comparison.</summary>
internal enum ClauseStyle
{
    Plain,

    /// <summary>Each clause in single quotes.</summary>
    Quoted,
}

internal static class FilterParser
{
    /// <inheritdoc cref="ComparisonJoiner.Join" path="/param"/>
    public static FilterExpression Parse(string? filter, ClauseStyle style = ClauseStyle.Quoted, bool joinsTimestamp = false)
    {
        if (string.IsNullOrEmpty(filter)) return FilterExpression.Empty;

        var nodes = ComparisonJoiner.Join(ReadStatement(filter), joinsTimestamp);
        var invalid = nodes.FindAll(node => node.Kind != NodeKind.Comparison && !node.IsKeyword("AND"));
        if (invalid.Count > 0)
        {
            var clauses = invalid.Select(node => style == ClauseStyle.Quoted ? $"'{node.Text}'" : node.Text);
            throw new FilterException($"Invalid clause(s) in filter string: {string.Join(", ", clauses)}");
        }

        return new FilterExpression([.. nodes.Where(node => node.Kind == NodeKind.Comparison).Select(ToComparison)]);
    }

    private static IReadOnlyList<FilterNode> ReadStatement(string filter)
    {
        var statement = FilterStatement.Read(filter);
        return statement.Count switch
        {
            StatementCount.One => statement.Nodes,
            StatementCount.None => throw new FilterException($"Invalid filter '{filter}'. Could not be parsed."),
            StatementCount.TooLarge => throw new FilterException($"Error on parsing filter '{filter}'"),
            _ => throw new FilterException(
                $"Search filter contained multiple expression {PythonText.Repr(filter)}. Provide AND-ed expression list."),
        };
    }

    private static Comparison ToComparison(FilterNode node)
    {
        if (node.Parts.Count is < 2 or > 3)
            throw new FilterException($"Invalid comparison clause. Expected 3 tokens found {node.Parts.Count}");

        var left = new Operand(node.Parts[0].Text, node.Parts[0].Kind == NodeKind.Identifier);
        return new Comparison(left, node.Parts[1].Text, node.Parts.Count == 3 ? ToLiteral(node.Parts[2]) : null);
    }

    private static Literal ToLiteral(FilterNode node)
    {
        var kind = node.Kind switch
        {
            NodeKind.Text => LiteralKind.SingleQuoted,
            NodeKind.Integer => LiteralKind.Integer,
            NodeKind.Float => LiteralKind.Float,
            NodeKind.Identifier => LiteralKind.Identifier,
            NodeKind.Parenthesis => LiteralKind.List,
            _ => LiteralKind.Other,
        };
        return new Literal(kind, node.Text);
    }
}
