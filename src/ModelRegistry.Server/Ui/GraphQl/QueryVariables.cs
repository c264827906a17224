using System.Text.Json;
using System.Text.Json.Nodes;
using GraphQLParser.AST;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>The variables of one operation with the values of one request; what is wrong with them is kept, not thrown.</summary>
internal sealed class QueryVariables
{
    private static readonly JsonElement Null = JsonElement.Parse("null");

    private readonly GraphQLOperationDefinition operation;
    private readonly List<Variable> variables;
    private readonly Dictionary<string, JsonElement> values = new(StringComparer.Ordinal);

    /// <param name="given">An object, or undefined.</param>
    public QueryVariables(GraphQLOperationDefinition operation, JsonElement given)
    {
        this.operation = operation;
        variables = [.. operation.Variables?.Select(Variable.From) ?? []];
        foreach (var variable in variables)
            Read(variable, given);
    }

    public List<string> Errors { get; } = [];

    /// <summary>The value of an argument as JSON, whose variables are looked up; unset ones leave nothing behind.</summary>
    /// <exception cref="GraphQlException">A variable is not defined or has another type.</exception>
    public JsonElement Resolve(GraphQLValue value, TypeRef type) => Node(value, type) is { } node ? JsonElement.Parse(node.ToJsonString()) : Null;

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

    private JsonNode? Node(GraphQLValue value, TypeRef type) => value switch
    {
        GraphQLVariable variable => ToNode(Find(variable.Name.StringValue, type)),
        GraphQLListValue list => new JsonArray([.. list.Values?.Select(item => Node(item, type.Item ?? type)) ?? []]),
        GraphQLObjectValue fields => Fields(fields, type),
        _ => Literal.Read(value),
    };

    private JsonObject Fields(GraphQLObjectValue fields, TypeRef type)
    {
        var known = Schema.Instance[type.Innermost].Fields;
        var result = new JsonObject();
        foreach (var field in fields.Fields ?? [])
        {
            var (name, value) = (field.Name.StringValue, field.Value);
            var expected = known.GetValueOrDefault(name)?.Type ?? type;
            if (value is GraphQLVariable variable && Find(variable.Name.StringValue, expected).ValueKind == JsonValueKind.Undefined)
                continue;
            result[name] = Node(value, expected);
        }

        return result;
    }

    private JsonElement Find(string name, TypeRef expected)
    {
        var variable = variables.Find(variable => variable.Name == name);
        if (variable is null)
        {
            var where = operation.Name is null ? "" : $" by operation '{operation.Name.StringValue}'";
            throw new GraphQlException($"Variable '${name}' is not defined{where}.");
        }

        var type = variable.Default is null ? variable.Type : variable.Type with { IsRequired = true };
        if (!type.Fits(expected))
            throw new GraphQlException($"Variable '${name}' of type '{variable.Type}' used in position expecting type '{expected}'.");
        return values.GetValueOrDefault(name);
    }

    private static JsonNode? ToNode(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.Array => JsonArray.Create(element),
        JsonValueKind.Object => JsonObject.Create(element),
        _ => JsonValue.Create(element),
    };

    private sealed record Variable(string Name, TypeRef Type, GraphQLValue? Default)
    {
        public static Variable From(GraphQLVariableDefinition definition) =>
            new(definition.Variable.Name.StringValue, TypeRef.From(definition.Type), definition.DefaultValue);
    }
}
