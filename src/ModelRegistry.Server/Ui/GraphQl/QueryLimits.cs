using GraphQLParser.AST;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>
/// Refuses queries that ask for too much before anything is done for them. Fragments count wherever they are used, unlike in MLflow, where
/// they are a way around the limits.
/// </summary>
internal sealed class QueryLimits(Query query, int maxRootFields, int maxAliases)
{
    private const int MaxDepth = 10;
    private const int MaxSelections = 1000;

    /// <summary>
    /// Part of introspection. It takes list and non-null off a type, soon has nothing left, and tools ask for more of it than any type needs:
    /// counted, it would bring their usual query over the limit.
    /// </summary>
    private const string Unwrapping = "ofType";

    private readonly Dictionary<string, Size> sizes = new(StringComparer.Ordinal);
    private readonly HashSet<string> open = new(StringComparer.Ordinal);

    /// <exception cref="GraphQlException">One of the limits is exceeded.</exception>
    public void Check()
    {
        var size = default(Size);
        foreach (var operation in query.Operations)
            size = size.Beside(Measure(operation.SelectionSet));
        if (size.Depth > MaxDepth)
            throw new GraphQlException($"Query exceeds maximum depth of {MaxDepth}");
        if (size.Selections > MaxSelections)
            throw new GraphQlException($"Query exceeds maximum total selections of {MaxSelections}");
        if (size.Fields > maxRootFields)
            throw TooMany("root fields", size.Fields, maxRootFields, "MLFLOW_SERVER_GRAPHQL_MAX_ROOT_FIELDS");
        if (size.MaxAliases > maxAliases)
            throw TooMany("aliases", size.MaxAliases, maxAliases, "MLFLOW_SERVER_GRAPHQL_MAX_ALIASES");
    }

    private static GraphQlException TooMany(string what, int count, int limit, string variable) => new(
        $"GraphQL queries should have at most {limit} {what}, got {count} {what}. To increase the limit, set the {variable} environment variable.");

    private Size Measure(GraphQLSelectionSet set)
    {
        var total = new Size { Depth = 1 };
        foreach (var selection in set.Selections)
        {
            total = total.Beside(selection switch
            {
                GraphQLField field => Field(field),
                GraphQLInlineFragment inline => Measure(inline.SelectionSet),
                GraphQLFragmentSpread spread => Spread(spread.FragmentName.Name.StringValue),
                _ => default,
            });
        }

        return total with { MaxAliases = Math.Max(total.MaxAliases, total.Aliases) };
    }

    private Size Field(GraphQLField field)
    {
        var below = field.SelectionSet is null ? default : Measure(field.SelectionSet);
        return new Size
        {
            Fields = 1,
            Aliases = field.Alias is null ? 0 : 1,
            MaxAliases = below.MaxAliases,
            Depth = field.Name == Unwrapping ? Math.Max(below.Depth, 1) : below.Depth + 1,
            Selections = Math.Min(below.Selections + 1, int.MaxValue / 4),
        };
    }

    /// <summary>Each fragment is measured once, however often it is used.</summary>
    private Size Spread(string name)
    {
        if (!query.Fragments.TryGetValue(name, out var fragment))
            throw new GraphQlException($"Unknown fragment '{name}'.");
        if (sizes.TryGetValue(name, out var size))
            return size;
        if (!open.Add(name))
            throw new GraphQlException($"Cannot spread fragment '{name}' within itself.");
        size = Measure(fragment.SelectionSet);
        open.Remove(name);
        return sizes[name] = size;
    }

    /// <param name="Fields">Fields on this level.</param>
    /// <param name="Aliases">Aliases on this level.</param>
    /// <param name="MaxAliases">The most aliases that any level has.</param>
    /// <param name="Depth">Levels, this one included.</param>
    /// <param name="Selections">Fields on all levels.</param>
    private readonly record struct Size(int Fields, int Aliases, int MaxAliases, int Depth, int Selections)
    {
        public Size Beside(Size other) => new(
            Saturate(Fields, other.Fields),
            Saturate(Aliases, other.Aliases),
            Math.Max(MaxAliases, other.MaxAliases),
            Math.Max(Depth, other.Depth),
            Saturate(Selections, other.Selections));

        private static int Saturate(int one, int other) => Math.Min(one + other, int.MaxValue / 4);
    }
}
