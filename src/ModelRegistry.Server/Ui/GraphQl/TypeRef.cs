using GraphQLParser.AST;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>A type as it is referred to: a name, or a list of another.</summary>
internal sealed record TypeRef(string? Name, TypeRef? Item, bool IsRequired)
{
    /// <summary>The name inside of all lists.</summary>
    public string Innermost => Name ?? Item!.Innermost;

    public static TypeRef From(GraphQLType type) => type switch
    {
        GraphQLNonNullType required => From(required.Type) with { IsRequired = true },
        GraphQLListType list => new TypeRef(null, From(list.Type), false),
        GraphQLNamedType named => new TypeRef(named.Name.StringValue, null, false),
        _ => throw new InvalidOperationException($"GraphQL has no such type as {type.Kind}."),
    };

    /// <summary>Whether a variable of this type may stand where <paramref name="expected"/> is wanted.</summary>
    public bool Fits(TypeRef expected) =>
        (IsRequired || !expected.IsRequired)
        && (Item is not null && expected.Item is not null ? Item.Fits(expected.Item) : Name is not null && Name == expected.Name);

    public override string ToString() => (Name ?? $"[{Item}]") + (IsRequired ? "!" : "");
}
