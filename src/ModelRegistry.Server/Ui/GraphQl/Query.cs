using GraphQLParser;
using GraphQLParser.AST;
using GraphQLParser.Exceptions;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>A parsed request: operations and the fragments they share.</summary>
internal sealed record Query(IReadOnlyList<GraphQLOperationDefinition> Operations, IReadOnlyDictionary<string, GraphQLFragmentDefinition> Fragments)
{
    /// <summary>
    /// The library's exception draws the line of the error and moves the pointer below it blank by blank, copying what it has each time: a line
    /// of 200,000 characters costs nine seconds and 38 GB of garbage, one of this length about 30 ms.
    /// </summary>
    private const int MaxLineLength = 20_000;

    /// <summary>The parser counts nodes of its tree: two for most levels, and a few at both ends. This guards its stack, <see cref="QueryCheck"/> is exact.</summary>
    private static readonly ParserOptions Options = new() { Ignore = IgnoreOptions.All, MaxDepth = (2 * QueryCheck.MaxNesting) + 10 };

    /// <exception cref="GraphQlException">The text is no query.</exception>
    public static async Task<Query> ParseAsync(string source)
    {
        var document = Read(source);
        await new QueryCheck().VisitAsync(document, default);
        var fragments = new Dictionary<string, GraphQLFragmentDefinition>(StringComparer.Ordinal);
        foreach (var fragment in document.Definitions.OfType<GraphQLFragmentDefinition>())
        {
            if (!fragments.TryAdd(fragment.FragmentName.Name.StringValue, fragment))
                throw new GraphQlException($"There can be only one fragment named '{fragment.FragmentName.Name.StringValue}'.");
        }

        return new Query([.. document.Definitions.OfType<GraphQLOperationDefinition>()], fragments);
    }

    private static GraphQLDocument Read(string source)
    {
        var readable = ReadableLength(source);
        try
        {
            var document = Parser.Parse(source.AsMemory(0, readable), Options);
            return readable == source.Length ? CheckDefinitions(document) : throw LineTooLong();
        }
        catch (GraphQLMaxDepthExceededException)
        {
            throw QueryCheck.TooDeep();
        }
        catch (GraphQLParserException e)
        {
            // What is wrong at the place of the cut is not the client's error.
            throw readable == source.Length ? new GraphQlException($"Syntax Error at {e.Location.Line}:{e.Location.Column}: {e.Description}") : LineTooLong();
        }
    }

    /// <summary>The grammar of the library has schemas in it, and takes nothing for a document too.</summary>
    private static GraphQLDocument CheckDefinitions(GraphQLDocument document)
    {
        if (document.Definitions.Count == 0)
            throw new GraphQlException("Syntax Error: Unexpected <EOF>.");
        return document.Definitions.TrueForAll(definition => definition is GraphQLExecutableDefinition)
            ? document
            : throw new GraphQlException("Syntax Error: A query consists of operations and fragments.");
    }

    /// <summary>The length up to where a line becomes too long.</summary>
    private static int ReadableLength(string source)
    {
        var column = 0;
        for (var i = 0; i < source.Length; i++)
        {
            column = source[i] == '\n' ? 0 : column + 1;
            if (column > MaxLineLength)
                return i;
        }

        return source.Length;
    }

    private static GraphQlException LineTooLong() => new($"A line of the GraphQL query is longer than {MaxLineLength} characters.");
}
