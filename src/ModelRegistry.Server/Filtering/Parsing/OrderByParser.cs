using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Filtering.Parsing;

/// <param name="Key">Alternative names are already replaced by the proper one.</param>
internal readonly record struct OrderTerm(EntityKind Kind, string Key, bool Ascending);

internal sealed record OrderByRules
{
    public required IdentifierRules Identifiers { get; init; }

    /// <summary>Throws the area's message when one cannot order by this identifier.</summary>
    public required Action<Identifier> Check { get; init; }

    /// <summary>Whether <c>tags.name</c> orders by the attribute <c>name</c>.</summary>
    public bool IgnoresEntity { get; init; }

    public bool RejectsDuplicates { get; init; }
}

internal static class OrderByParser
{
    public static IReadOnlyList<OrderTerm> Parse(IReadOnlyList<string> clauses, OrderByRules rules) =>
        Parse(clauses, clause => Resolve(clause, rules), rules.RejectsDuplicates);

    public static IReadOnlyList<OrderTerm> Parse(
        IReadOnlyList<string> clauses, Func<OrderClause, OrderTerm> resolve, bool rejectsDuplicates)
    {
        var terms = new List<OrderTerm>(clauses.Count);
        var seen = new HashSet<(EntityKind, string)>();
        foreach (var clause in clauses)
        {
            var term = resolve(OrderClause.Read(clause));
            if (!seen.Add((term.Kind, term.Key)) && rejectsDuplicates)
                throw new FilterException($"`order_by` contains duplicate fields: {PythonText.Repr(clauses)}", FilterErrorKind.Internal);
            terms.Add(term);
        }

        return terms;
    }

    private static OrderTerm Resolve(OrderClause clause, OrderByRules rules)
    {
        var identifier = Identifier.Resolve(clause.Token, rules.Identifiers);
        rules.Check(identifier);
        if (identifier.Kind != EntityKind.Attribute && !rules.IgnoresEntity)
            return new OrderTerm(identifier.Kind, identifier.Key, clause.Ascending);
        return new OrderTerm(
            EntityKind.Attribute, rules.Identifiers.KeyAliases.GetValueOrDefault(identifier.Key, identifier.Key), clause.Ascending);
    }
}
