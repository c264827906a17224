using System.Text.Json;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>The types of <c>schema.graphql</c>.</summary>
internal sealed class Schema
{
    private const string Resource = "Ui/GraphQl/schema.graphql";
    private static readonly string[] Scalars = ["Boolean", "Float", "Int", "LongString", "String"];

    public static readonly Schema Instance = Read();

    private readonly Dictionary<string, SchemaType> types = Scalars.ToDictionary(name => name, name => new SchemaType(name, TypeKind.Scalar));

    private Schema()
    {
    }

    /// <exception cref="GraphQlException">There is no such type.</exception>
    public SchemaType this[string name] => types.TryGetValue(name, out var type) ? type : throw new GraphQlException($"Unknown type '{name}'.");

    private static Schema Read()
    {
        using var stream = typeof(Schema).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        var parser = new QueryParser(reader.ReadToEnd());
        var schema = new Schema();
        while (!parser.IsAtEnd)
        {
            var type = ReadType(parser);
            schema.types.Add(type.Name, type);
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
