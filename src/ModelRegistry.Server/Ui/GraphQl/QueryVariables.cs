using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>The variables of one operation with the values of one request; what is wrong with them is kept, not thrown.</summary>
internal sealed class QueryVariables
{
    private readonly Operation operation;
    private readonly Dictionary<string, JsonElement> values = new(StringComparer.Ordinal);

    /// <param name="given">An object, or undefined.</param>
    public QueryVariables(Operation operation, JsonElement given)
    {
        this.operation = operation;
        foreach (var variable in operation.Variables)
            Read(variable, given);
    }

    public List<string> Errors { get; } = [];

    /// <summary>The value of an argument as JSON, whose variables are looked up; unset ones leave nothing behind.</summary>
    /// <exception cref="GraphQlException">A variable is not defined or has another type.</exception>
    public JsonElement Resolve(Value value, TypeRef type) =>
        Node(value, type) is { } node ? JsonText.Parse(node.ToJsonString()) : JsonText.Parse("null");

    private void Read(Variable variable, JsonElement given)
    {
        var type = variable.Type;
        var isGiven = given.ValueKind == JsonValueKind.Object && given.TryGetProperty(variable.Name, out _);
        var value = isGiven ? given.GetProperty(variable.Name) : default;
        if (!isGiven && variable.Default is not null)
            value = Resolve(variable.Default, type with { IsRequired = false });
        if (type.IsRequired && value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            Errors.Add(isGiven
                ? $"Variable '${variable.Name}' of non-null type '{type}' must not be null."
                : $"Variable '${variable.Name}' of required type '{type}' was not provided.");
            return;
        }

        try
        {
            if (Schema.Instance[type.Innermost].IsComposite)
                throw new GraphQlException($"Variable '${variable.Name}' cannot be non-input type '{type}'.");
            InputValues.Coerce(value, type, variable.Name);
            if (value.ValueKind != JsonValueKind.Undefined)
                values[variable.Name] = value;
        }
        catch (InputException e)
        {
            Errors.Add(e.Describe(variable.Name));
        }
    }

    private JsonNode? Node(Value value, TypeRef type) => value switch
    {
        VariableValue variable => ToNode(Find(variable, type)),
        LiteralValue literal => ToNode(literal.Json),
        ListValue list => new JsonArray([.. list.Items.Select(item => Node(item, type.Item ?? type))]),
        ObjectValue fields => Fields(fields, type),
        _ => null,
    };

    private JsonObject Fields(ObjectValue fields, TypeRef type)
    {
        var known = Schema.Instance[type.Innermost].Fields;
        var result = new JsonObject();
        foreach (var (name, value) in fields.Fields)
        {
            var expected = known.GetValueOrDefault(name)?.Type ?? type;
            if (value is VariableValue variable && Find(variable, expected).ValueKind == JsonValueKind.Undefined)
                continue;
            result[name] = Node(value, expected);
        }

        return result;
    }

    private JsonElement Find(VariableValue value, TypeRef expected)
    {
        var variable = operation.Variables.FirstOrDefault(variable => variable.Name == value.Name);
        if (variable is null)
        {
            var where = operation.Name is null ? "" : $" by operation '{operation.Name}'";
            throw new GraphQlException($"Variable '${value.Name}' is not defined{where}.");
        }

        var type = variable.Default is null ? variable.Type : variable.Type with { IsRequired = true };
        if (!type.Fits(expected))
            throw new GraphQlException($"Variable '${value.Name}' of type '{variable.Type}' used in position expecting type '{expected}'.");
        return values.GetValueOrDefault(value.Name);
    }

    private static JsonNode? ToNode(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.Array => JsonArray.Create(element),
        JsonValueKind.Object => JsonObject.Create(element),
        _ => JsonValue.Create(element),
    };
}
