using System.Text.Json;

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
            var parser = new QueryParser(reader.ReadToEnd());
            while (!parser.IsAtEnd)
            {
                var type = ReadType(parser);
                schema.types.Add(type.Name, type);
            }
        }

        return schema;
    }

    private static SchemaType ReadType(QueryParser parser)
    {
        var kind = Enum.Parse<TypeKind>(parser.ReadName(), ignoreCase: true);
        var type = new SchemaType(parser.ReadName(), kind);
        if (kind == TypeKind.Enum)
            type.Values.UnionWith(parser.ReadBetween("{", "}", parser.ReadName));
        else
            parser.ReadBetween("{", "}", () => ReadField(parser)).ForEach(field => type.Fields.Add(field.Name, field));
        return type;
    }

    private static SchemaField ReadField(QueryParser parser)
    {
        var name = parser.ReadName();
        var argument = parser.Skip("(") ? ReadArgument(parser) : null;
        parser.Expect(":");
        return new SchemaField(name, parser.ReadType(), argument);
    }

    /// <summary>No field has more than one.</summary>
    private static SchemaField ReadArgument(QueryParser parser)
    {
        var argument = ReadField(parser);
        parser.Expect(")");
        return argument;
    }
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
    public Dictionary<string, SchemaField> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>The names of an enum.</summary>
    public HashSet<string> Values { get; } = new(StringComparer.Ordinal);

    public bool IsComposite => Kind == TypeKind.Type;
}

internal sealed record SchemaField(string Name, TypeRef Type, SchemaField? Argument)
{
    /// <summary>The name in the answers of calls.</summary>
    public string WireName { get; } = JsonNamingPolicy.SnakeCaseLower.ConvertName(Name);
}
