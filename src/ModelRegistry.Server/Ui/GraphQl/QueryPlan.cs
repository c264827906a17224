using System.Text.Json.Nodes;

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
internal sealed class QueryPlanner(Document document, QueryVariables variables)
{
    private static readonly SchemaField TypeName = new("__typename", new TypeRef("String", null, true), null);
    private static readonly TypeRef Condition = new("Boolean", null, true);

    /// <summary>What does not fit the schema; nothing is answered when there is something.</summary>
    public List<string> Errors { get; } = [];

    /// <returns>The fields of the root in the order of the query.</returns>
    public PlannedObject Plan(Operation operation)
    {
        foreach (var directive in operation.Directives.Where(directive => directive.Name != "component"))
            Errors.Add($"Unknown directive '@{directive.Name}'.");
        return Plan(Schema.Instance[operation.Kind == "query" ? "Query" : "Mutation"], [operation.Selections]);
    }

    private PlannedObject Plan(SchemaType type, IEnumerable<IReadOnlyList<Selection>> sets)
    {
        var found = new List<FieldSelection>();
        foreach (var set in sets)
            Collect(type, set, found);
        var fields = found.GroupBy(field => field.Key).Select(group => Plan(type, [.. group])).OfType<PlannedField>();
        return new PlannedObject(type, [.. fields]);
    }

    private PlannedField? Plan(SchemaType type, List<FieldSelection> same)
    {
        var field = same[0];
        CheckConflicts(same);
        var definition = Define(type, field.Name);
        if (definition is null)
        {
            Errors.Add($"Cannot query field '{field.Name}' on type '{type.Name}'.");
            return null;
        }

        var target = Schema.Instance[definition.Type.Innermost];
        if (target.IsComposite && same.Exists(one => one.Selections is null))
        {
            Errors.Add($"Field '{field.Name}' of type '{definition.Type}' must have a selection of subfields. Did you mean '{field.Name} {{ ... }}'?");
            return null;
        }

        if (!target.IsComposite && same.Exists(one => one.Selections is not null))
        {
            Errors.Add($"Field '{field.Name}' must not have a selection since type '{definition.Type}' has no subfields.");
            return null;
        }

        var children = target.IsComposite ? Plan(target, same.Select(one => one.Selections!)) : null;
        return new PlannedField(field.Key, definition, ReadArgument(type, definition, field), children);
    }

    private static SchemaField? Define(SchemaType type, string field) =>
        field == TypeName.Name ? TypeName
        : type.Fields.GetValueOrDefault(field) ?? (type.Name == "Query" ? Introspection.Fields.FirstOrDefault(one => one.Name == field) : null);

    private void CheckConflicts(List<FieldSelection> same)
    {
        const string Advice = "Use different aliases on the fields to fetch both if this was intentional.";
        var (key, name, arguments) = (same[0].Key, same[0].Name, Print(same[0].Arguments));
        if (same.Find(field => field.Name != name) is { } other)
            Errors.Add($"Fields '{key}' conflict because '{name}' and '{other.Name}' are different fields. {Advice}");
        else if (same.Exists(field => Print(field.Arguments) != arguments))
            Errors.Add($"Fields '{key}' conflict because they have differing arguments. {Advice}");
    }

    private static string Print(IReadOnlyList<Argument> arguments) =>
        string.Join(", ", arguments.OrderBy(argument => argument.Name, StringComparer.Ordinal).Select(argument => $"{argument.Name}: {argument.Value}"));

    private JsonNode? ReadArgument(SchemaType type, SchemaField definition, FieldSelection field)
    {
        JsonNode? result = null;
        if (definition.Argument is { Type.IsRequired: true } required && !field.Arguments.Any(argument => argument.Name == required.Name))
            Errors.Add($"Field '{field.Name}' argument '{required.Name}' of type '{required.Type}' is required, but it was not provided.");
        foreach (var argument in field.Arguments)
        {
            if (definition.Argument is not { } expected || expected.Name != argument.Name)
                Errors.Add($"Unknown argument '{argument.Name}' on field '{type.Name}.{field.Name}'.");
            else
                result = Try(() => InputValues.Coerce(variables.Resolve(argument.Value, expected.Type), expected.Type, argument.Name));
        }

        return result;
    }

    /// <summary>The fields on one level, in order.</summary>
    private void Collect(SchemaType type, IReadOnlyList<Selection> selections, List<FieldSelection> found)
    {
        foreach (var selection in selections.Where(selection => IsWanted(selection.Directives)))
        {
            switch (selection)
            {
                case FieldSelection field:
                    found.Add(field);
                    break;
                case InlineFragment inline when IsOn(type, inline.OnType, "Fragment"):
                    Collect(type, inline.Selections, found);
                    break;
                case FragmentSpread spread when document.Fragments[spread.Name] is var fragment && IsOn(type, fragment.OnType, $"Fragment '{spread.Name}'"):
                    Collect(type, fragment.Selections, found);
                    break;
            }
        }
    }

    private bool IsOn(SchemaType type, string? condition, string what)
    {
        if (condition is null || condition == type.Name)
            return true;
        if (Try(() => JsonValue.Create(Schema.Instance[condition].Name)) is not null)
            Errors.Add($"{what} cannot be spread here as objects of type '{type.Name}' can never be of type '{condition}'.");
        return false;
    }

    private bool IsWanted(IReadOnlyList<Directive> directives)
    {
        var isWanted = true;
        foreach (var directive in directives)
        {
            if (directive.Name == "component")
                continue;
            if (directive.Name is not ("include" or "skip"))
                Errors.Add($"Unknown directive '@{directive.Name}'.");
            else if (directive.Arguments is not [{ Name: "if" } condition])
                Errors.Add($"Directive '@{directive.Name}' argument 'if' of type 'Boolean!' is required, but it was not provided.");
            else if (Try(() => InputValues.Coerce(variables.Resolve(condition.Value, Condition), Condition, "if")) is { } value)
                isWanted &= value.GetValue<bool>() == (directive.Name == "include");
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
