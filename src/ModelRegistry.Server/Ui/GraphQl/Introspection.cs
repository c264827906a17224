using System.Text.Json;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>Answers <c>__schema</c> and <c>__type</c>, by which tools learn what can be asked.</summary>
internal sealed class Introspection(Utf8JsonWriter writer)
{
    /// <summary>Fields of the query's root that its own type does not list.</summary>
    public static readonly IReadOnlyList<SchemaField> Fields =
    [
        new("__schema", new TypeRef("__Schema", null, true), null),
        new("__type", new TypeRef("__Type", null, false), new SchemaField("name", new TypeRef("String", null, true), null)),
    ];

    private static readonly SchemaField Condition = new("if", new TypeRef("Boolean", null, true), null);

    private static readonly SchemaDirective[] Directives =
    [
        new("include", ["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"], Condition),
        new("skip", ["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"], Condition),
        new("component", ["QUERY", "MUTATION"], new SchemaField("name", new TypeRef("String", null, true), null)),
    ];

    public void Write(PlannedField root) => Write(root, root.Definition.Argument is null
        ? Schema.Instance
        : Schema.Instance.Find(root.Argument!.GetValue<string>()) is { } type ? NamedType(type) : null);

    private void Write(PlannedField field, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case IEnumerable<object> items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(field, item);
                writer.WriteEndArray();
                break;
            default:
                WriteObject(field.Children!, value);
                break;
        }
    }

    private void WriteObject(PlannedObject planned, object source)
    {
        writer.WriteStartObject();
        foreach (var field in planned.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(field.Key);
            Write(field, field.Definition.Name == "__typename" ? planned.Type.Name : Read(source, field.Definition.Name));
        }

        writer.WriteEndObject();
    }

    /// <summary>The planner lets only fields through that the type has; those not named here are null for all of its values.</summary>
    private static object? Read(object source, string field) => source switch
    {
        Schema schema => OfSchema(schema, field),
        TypeRef type => OfType(type, field),
        SchemaField member => OfField(member, field),
        SchemaDirective directive => OfDirective(directive, field),
        SchemaEnumValue value => field switch { "name" => value.Name, "isDeprecated" => false, _ => null },
        _ => throw new InvalidOperationException($"Nothing is known of the fields of {source.GetType()}."),
    };

    private static object? OfSchema(Schema schema, string field) => field switch
    {
        "types" => schema.Types.Select(NamedType),
        "queryType" => NamedType(schema["Query"]),
        "mutationType" => NamedType(schema["Mutation"]),
        "directives" => Directives,
        _ => null,
    };

    private static object? OfType(TypeRef type, string field) => type switch
    {
        { IsRequired: true } => field switch { "kind" => "NON_NULL", "ofType" => type with { IsRequired = false }, _ => null },
        { Item: { } item } => field switch { "kind" => "LIST", "ofType" => item, _ => null },
        _ => OfNamedType(Schema.Instance[type.Name!], field),
    };

    private static object? OfNamedType(SchemaType type, string field) => (field, type.Kind) switch
    {
        ("name", _) => type.Name,
        ("kind", TypeKind.Type) => "OBJECT",
        ("kind", TypeKind.Input) => "INPUT_OBJECT",
        ("kind", _) => type.Kind.ToString().ToUpperInvariant(),
        ("fields", TypeKind.Type) or ("inputFields", TypeKind.Input) => type.Fields.Values,
        ("interfaces", TypeKind.Type) => Array.Empty<object>(),
        ("enumValues", TypeKind.Enum) => type.Values.Select(name => new SchemaEnumValue(name)),
        _ => null,
    };

    private static object? OfField(SchemaField member, string field) => field switch
    {
        "name" => member.Name,
        "type" => member.Type,
        "args" => Arguments(member.Argument),
        "isDeprecated" => false,
        _ => null,
    };

    private static object? OfDirective(SchemaDirective directive, string field) => field switch
    {
        "name" => directive.Name,
        "isRepeatable" => false,
        "locations" => directive.Locations,
        "args" => Arguments(directive.Argument),
        _ => null,
    };

    private static SchemaField[] Arguments(SchemaField? argument) => argument is null ? [] : [argument];

    private static TypeRef NamedType(SchemaType type) => new(type.Name, null, false);

    private sealed record SchemaDirective(string Name, string[] Locations, SchemaField Argument);

    private sealed record SchemaEnumValue(string Name);
}
