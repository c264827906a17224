using System.Text.Json.Nodes;
using GraphQLParser.AST;
using GraphQLParser.Visitors;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>A field to answer: fragments resolved, repeated fields merged, skipped ones gone.</summary>
/// <param name="Key">Its name in the answer.</param>
/// <param name="Argument">The value of its argument; null when it has none.</param>
/// <param name="Children">What is asked of an object, by key; null for plain values.</param>
internal sealed record PlannedField(string Key, SchemaField Definition, JsonNode? Argument, PlannedObject? Children);

internal sealed record PlannedObject(SchemaType Type, IReadOnlyList<PlannedField> Fields)
{
    public bool Asks(string field) => Fields.Any(planned => planned.Definition.Name == field);
}

/// <summary>Checks an operation against the schema and says what is to be answered.</summary>
internal sealed class QueryPlanner(Query query, QueryVariables variables)
{
    private static readonly SchemaField TypeName = new("__typename", new TypeRef("String", null, true), null);
    private static readonly TypeRef Condition = new("Boolean", null, true);

    private static readonly SDLPrinter Printer = new();

    /// <summary>What does not fit the schema; nothing is answered when there is something.</summary>
    public List<string> Errors { get; } = [];

    /// <returns>The fields of the root in the order of the query.</returns>
    public PlannedObject Plan(GraphQLOperationDefinition operation)
    {
        foreach (var directive in operation.Directives?.Items.Where(directive => directive.Name != "component") ?? [])
            Errors.Add($"Unknown directive '@{directive.Name.StringValue}'.");
        return Plan(Schema.Instance[operation.Operation == OperationType.Query ? "Query" : "Mutation"], [operation.SelectionSet]);
    }

    private PlannedObject Plan(SchemaType type, IEnumerable<GraphQLSelectionSet> sets)
    {
        var found = new List<GraphQLField>();
        foreach (var set in sets)
            Collect(type, set, found);
        var fields = found.GroupBy(KeyOf).Select(group => Plan(type, [.. group])).OfType<PlannedField>();
        return new PlannedObject(type, [.. fields]);
    }

    private PlannedField? Plan(SchemaType type, List<GraphQLField> same)
    {
        var field = same[0];
        CheckConflicts(same);
        var name = field.Name.StringValue;
        var definition = Define(type, name);
        if (definition is null)
        {
            Errors.Add($"Cannot query field '{name}' on type '{type.Name}'.");
            return null;
        }

        var target = Schema.Instance[definition.Type.Innermost];
        if (target.IsComposite && same.Exists(one => one.SelectionSet is null))
        {
            Errors.Add($"Field '{name}' of type '{definition.Type}' must have a selection of subfields. Did you mean '{name} {{ ... }}'?");
            return null;
        }

        if (!target.IsComposite && same.Exists(one => one.SelectionSet is not null))
        {
            Errors.Add($"Field '{name}' must not have a selection since type '{definition.Type}' has no subfields.");
            return null;
        }

        var children = target.IsComposite ? Plan(target, same.Select(one => one.SelectionSet!)) : null;
        return new PlannedField(KeyOf(field), definition, ReadArgument(type, definition, field), children);
    }

    private static SchemaField? Define(SchemaType type, string field) =>
        field == TypeName.Name ? TypeName
        : type.Fields.GetValueOrDefault(field) ?? (type.Name == "Query" ? Introspection.Fields.FirstOrDefault(one => one.Name == field) : null);

    private void CheckConflicts(List<GraphQLField> same)
    {
        const string Advice = "Use different aliases on the fields to fetch both if this was intentional.";
        var first = same[0];
        if (same.Find(field => field.Name != first.Name) is { } other)
            Errors.Add($"Fields '{KeyOf(first)}' conflict because '{first.Name.StringValue}' and '{other.Name.StringValue}' are different fields. {Advice}");
        else if (same.Count > 1 && same.DistinctBy(Arguments).Count() > 1)
            Errors.Add($"Fields '{KeyOf(first)}' conflict because they have differing arguments. {Advice}");
    }

    private static string KeyOf(GraphQLField field) => (field.Alias?.Name ?? field.Name).StringValue;

    /// <summary>As text, so that two fields can be compared.</summary>
    private static string Arguments(GraphQLField field) =>
        string.Join(", ", (field.Arguments?.Items ?? []).Select(Printer.Print).Order(StringComparer.Ordinal));

    private JsonNode? ReadArgument(SchemaType type, SchemaField definition, GraphQLField field)
    {
        JsonNode? result = null;
        var (name, arguments) = (field.Name.StringValue, field.Arguments?.Items ?? []);
        if (definition.Argument is { Type.IsRequired: true } required && !arguments.Exists(argument => argument.Name == required.Name))
            Errors.Add($"Field '{name}' argument '{required.Name}' of type '{required.Type}' is required, but it was not provided.");
        foreach (var argument in arguments)
        {
            if (definition.Argument is not { } expected || argument.Name != expected.Name)
                Errors.Add($"Unknown argument '{argument.Name.StringValue}' on field '{type.Name}.{name}'.");
            else
                result = Try(() => InputValues.Coerce(variables.Resolve(argument.Value, expected.Type), expected.Type, expected.Name));
        }

        return result;
    }

    /// <summary>The fields on one level, in order.</summary>
    private void Collect(SchemaType type, GraphQLSelectionSet set, List<GraphQLField> found)
    {
        foreach (var selection in set.Selections.Where(selection => IsWanted((IHasDirectivesNode)selection)))
        {
            switch (selection)
            {
                case GraphQLField field:
                    found.Add(field);
                    break;
                case GraphQLInlineFragment inline when IsOn(type, inline.TypeCondition, "Fragment"):
                    Collect(type, inline.SelectionSet, found);
                    break;
                case GraphQLFragmentSpread spread when query.Fragments[NameOf(spread)] is var fragment && IsOn(type, fragment.TypeCondition, $"Fragment '{NameOf(spread)}'"):
                    Collect(type, fragment.SelectionSet, found);
                    break;
            }
        }
    }

    private static string NameOf(GraphQLFragmentSpread spread) => spread.FragmentName.Name.StringValue;

    private bool IsOn(SchemaType type, GraphQLTypeCondition? on, string what)
    {
        var condition = on?.Type.Name.StringValue;
        if (condition is null || condition == type.Name)
            return true;
        if (Try(() => JsonValue.Create(Schema.Instance[condition].Name)) is not null)
            Errors.Add($"{what} cannot be spread here as objects of type '{type.Name}' can never be of type '{condition}'.");
        return false;
    }

    private bool IsWanted(IHasDirectivesNode selection)
    {
        var isWanted = true;
        foreach (var directive in selection.Directives?.Items ?? [])
        {
            var name = directive.Name.StringValue;
            if (name == "component")
                continue;
            if (name is not ("include" or "skip"))
                Errors.Add($"Unknown directive '@{name}'.");
            else if (directive.Arguments?.Items is not [{ Name.StringValue: "if" } condition])
                Errors.Add($"Directive '@{name}' argument 'if' of type 'Boolean!' is required, but it was not provided.");
            else if (Try(() => InputValues.Coerce(variables.Resolve(condition.Value, Condition), Condition, "if")) is { } value)
                isWanted &= value.GetValue<bool>() == (name == "include");
        }

        return isWanted;
    }

    private JsonNode? Try(Func<JsonNode?> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is GraphQlException or InputException)
        {
            Errors.Add(e.Message);
            return null;
        }
    }
}
