using System.Text.Json;
using GraphQLParser;
using GraphQLParser.AST;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>The types of <c>schema.graphql</c>, and those that describe types.</summary>
internal sealed class Schema
{
    private static readonly string[] Resources = ["Ui/GraphQl/schema.graphql", "Ui/GraphQl/introspection.graphql"];
    private static readonly string[] Scalars = ["Boolean", "Float", "Int", "LongString", "String"];

    public static readonly Schema Instance = Read();

    private readonly Dictionary<string, SchemaType> types = Scalars.ToDictionary(name => name, name => new SchemaType(name, TypeKind.Scalar));

    private Schema()
    {
    }

    public IEnumerable<SchemaType> Types => types.Values;

    /// <exception cref="GraphQlException">There is no such type.</exception>
    public SchemaType this[string name] => Find(name) ?? throw new GraphQlException($"Unknown type '{name}'.");

    public SchemaType? Find(string name) => types.GetValueOrDefault(name);

    private static Schema Read()
    {
        var schema = new Schema();
        foreach (var resource in Resources)
        {
            using var stream = typeof(Schema).Assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream);
            foreach (var type in Parser.Parse(reader.ReadToEnd()).Definitions.Select(ReadType))
                schema.types.Add(type.Name, type);
        }

        return schema;
    }

    private static SchemaType ReadType(ASTNode definition)
    {
        switch (definition)
        {
            case GraphQLObjectTypeDefinition type:
                return new SchemaType(type.Name.StringValue, TypeKind.Type) { Fields = ByName(type.Fields!.Select(ReadField)) };
            case GraphQLInputObjectTypeDefinition input:
                return new SchemaType(input.Name.StringValue, TypeKind.Input) { Fields = ByName(input.Fields!.Select(ReadInput)) };
            case GraphQLEnumTypeDefinition values:
                return new SchemaType(values.Name.StringValue, TypeKind.Enum) { Values = [.. values.Values!.Select(value => value.Name.StringValue)] };
            default:
                throw new InvalidOperationException($"Our schemas have no {definition.Kind}.");
        }
    }

    private static Dictionary<string, SchemaField> ByName(IEnumerable<SchemaField> fields) => fields.ToDictionary(field => field.Name, StringComparer.Ordinal);

    /// <summary>No field has more than one argument.</summary>
    private static SchemaField ReadField(GraphQLFieldDefinition field) =>
        new(field.Name.StringValue, TypeRef.From(field.Type), field.Arguments?.Select(ReadInput).Single());

    private static SchemaField ReadInput(GraphQLInputValueDefinition input) => new(input.Name.StringValue, TypeRef.From(input.Type), null);
}

internal enum TypeKind
{
    Scalar,
    Type,
    Input,
    Enum,
}

internal sealed record SchemaType(string Name, TypeKind Kind)
{
    public IReadOnlyDictionary<string, SchemaField> Fields { get; init; } = new Dictionary<string, SchemaField>();

    /// <summary>The names of an enum.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    public bool IsComposite => Kind == TypeKind.Type;
}

internal sealed record SchemaField(string Name, TypeRef Type, SchemaField? Argument)
{
    /// <summary>The name in the answers of calls.</summary>
    public string WireName { get; } = JsonNamingPolicy.SnakeCaseLower.ConvertName(Name);
}
