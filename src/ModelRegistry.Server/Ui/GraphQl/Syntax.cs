using System.Text.Json;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>A parsed request: operations and the fragments they share.</summary>
internal sealed record Document(IReadOnlyList<Operation> Operations, IReadOnlyDictionary<string, Fragment> Fragments);

/// <param name="Kind"><c>query</c>, <c>mutation</c> or <c>subscription</c>.</param>
internal sealed record Operation(
    string Kind, string? Name, IReadOnlyList<Variable> Variables, IReadOnlyList<Directive> Directives, IReadOnlyList<Selection> Selections);

internal sealed record Variable(string Name, TypeRef Type, Value? Default);

internal sealed record Fragment(string Name, string OnType, IReadOnlyList<Selection> Selections);

internal abstract record Selection(IReadOnlyList<Directive> Directives);

/// <param name="Selections">null when the field has no braces.</param>
internal sealed record FieldSelection(
    string? Alias, string Name, IReadOnlyList<Argument> Arguments, IReadOnlyList<Directive> Directives, IReadOnlyList<Selection>? Selections)
    : Selection(Directives)
{
    public string Key => Alias ?? Name;
}

internal sealed record FragmentSpread(string Name, IReadOnlyList<Directive> Directives) : Selection(Directives);

internal sealed record InlineFragment(string? OnType, IReadOnlyList<Directive> Directives, IReadOnlyList<Selection> Selections) : Selection(Directives);

internal sealed record Directive(string Name, IReadOnlyList<Argument> Arguments);

internal sealed record Argument(string Name, Value Value);

/// <summary>A value as it stands in the query; prints itself so that two of them can be compared.</summary>
internal abstract record Value;

internal sealed record VariableValue(string Name) : Value
{
    public override string ToString() => "$" + Name;
}

/// <param name="Json">Number, text, boolean or null; an enum's name is a text.</param>
internal sealed record LiteralValue(JsonElement Json) : Value
{
    public override string ToString() => Json.GetRawText();
}

internal sealed record ListValue(IReadOnlyList<Value> Items) : Value
{
    public override string ToString() => $"[{string.Join(", ", Items)}]";
}

internal sealed record ObjectValue(IReadOnlyList<Argument> Fields) : Value
{
    public override string ToString() => $"{{{string.Join(", ", Fields.Select(field => $"{field.Name}: {field.Value}"))}}}";
}

/// <summary>A type as it is referred to: a name, or a list of another.</summary>
internal sealed record TypeRef(string? Name, TypeRef? Item, bool IsRequired)
{
    /// <summary>The name inside of all lists.</summary>
    public string Innermost => Name ?? Item!.Innermost;

    /// <summary>Whether a variable of this type may stand where <paramref name="expected"/> is wanted.</summary>
    public bool Fits(TypeRef expected) =>
        (IsRequired || !expected.IsRequired)
        && (Item is not null && expected.Item is not null ? Item.Fits(expected.Item) : Name is not null && Name == expected.Name);

    public override string ToString() => (Name ?? $"[{Item}]") + (IsRequired ? "!" : "");
}
