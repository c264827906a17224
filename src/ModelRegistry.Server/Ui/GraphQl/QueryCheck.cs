using GraphQLParser.AST;
using GraphQLParser.Visitors;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>Refuses what the grammar allows and no answer could be given to: endless nesting, and values that JSON cannot hold.</summary>
internal sealed class QueryCheck : ASTVisitor<NullVisitorContext>
{
    /// <summary>More than any query may have, and few enough for the stack and for the depth that JSON is read to.</summary>
    public const int MaxNesting = 50;

    private int nesting;

    public static GraphQlException TooDeep() => new($"Syntax Error: More than {MaxNesting} levels of nesting.");

    public override async ValueTask VisitAsync(ASTNode? node, NullVisitorContext context)
    {
        var isLevel = node is GraphQLSelectionSet or GraphQLArguments or GraphQLVariablesDefinition or GraphQLListType or GraphQLListValue or GraphQLObjectValue;
        if (isLevel && ++nesting > MaxNesting)
            throw TooDeep();
        if (node is GraphQLIntValue or GraphQLFloatValue or GraphQLStringValue)
            Literal.Read((GraphQLValue)node);
        await base.VisitAsync(node, context);
        if (isLevel)
            nesting--;
    }
}
