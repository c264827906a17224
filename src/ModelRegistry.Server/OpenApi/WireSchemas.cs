using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;

namespace ModelRegistry.Server.OpenApi;

/// <summary>
/// The schemas of the wire's records, each a component of the document. They are made from the serializer's own view of a type, so a field is
/// described as it travels. The package's exporter is not used for it: behind the wire's converters, which most fields have, it sees nothing.
/// </summary>
internal sealed class WireSchemas(OpenApiDocument document, WireJson json, DocComments comments)
{
    private readonly Dictionary<string, Type> names = new(StringComparer.Ordinal);

    /// <summary>The schema of one field, with what is said of it.</summary>
    public IOpenApiSchema Of(JsonPropertyInfo property)
    {
        var must = Find<MustAttribute>(property);
        var schema = WireScalars.OfConverter(Find<JsonConverterAttribute>(property)?.ConverterType) ?? Of(property.PropertyType);
        schema.Description = Describe(property);
        if (schema is not OpenApiSchema plain)
            return schema;
        if (must is not null && must.Max != long.MaxValue)
            plain.Maximum = must.Max.ToString(CultureInfo.InvariantCulture);
        if (must is not null && must.Be.HasFlag(Be.Required) && plain.Type == JsonSchemaType.String)
            plain.MinLength = 1;
        if (IsWrittenAsNull(property))
            plain.Type |= JsonSchemaType.Null;
        if (Examples.Of(property.Name, plain) is { } example)
            plain.Examples = [example];
        return plain;
    }

    /// <summary>The fields of a record, in their order. Those without a getter are other spellings of the same.</summary>
    public IEnumerable<JsonPropertyInfo> Fields(Type record) => Fields(json.TypeOf(record));

    /// <summary>An object of these fields.</summary>
    public OpenApiSchema Object(Type record, IEnumerable<JsonPropertyInfo> fields)
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.Object, Description = comments.Of(record), Properties = new Dictionary<string, IOpenApiSchema>() };
        var required = new HashSet<string>();
        foreach (var field in fields)
        {
            schema.Properties.Add(field.Name, Of(field));
            if (IsRequired(record, field))
                required.Add(field.Name);
        }

        // The one field that was renamed: either name will do.
        if (required.Contains("run_id") && schema.Properties.ContainsKey("run_uuid") && required.Remove("run_id"))
            schema.AnyOf = [Needs("run_id"), Needs("run_uuid")];
        schema.Required = required;
        return schema;
    }

    /// <summary>Whether a field is always there: in a request because it must be, in an answer because nothing leaves it out.</summary>
    public bool IsRequired(Type record, JsonPropertyInfo field)
    {
        // Requests have settable properties and no constructor; their fields are all nullable, and the checks decide.
        if (json.TypeOf(record).CreateObject is not null)
            return Find<MustAttribute>(field)?.Be.HasFlag(Be.Required) ?? false;
        if (IsWrittenAsNull(field))
            return true;
        var isEmptyList = field.PropertyType.IsAssignableTo(typeof(System.Collections.IList));
        return !isEmptyList && Nullable.GetUnderlyingType(field.PropertyType) is null && (field.PropertyType.IsValueType || !field.IsGetNullable);
    }

    /// <summary>The schema of a record, a value or a list of them.</summary>
    public IOpenApiSchema Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (WireScalars.Of(type) is { } scalar)
            return scalar;
        if (type.IsEnum)
            return Component(type, () => WireScalars.OfEnum(type, comments));
        if (type.GetInterfaces().Append(type).FirstOrDefault(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IEnumerable<>)) is { } list)
            return OfList(list.GetGenericArguments()[0]);
        var info = json.TypeOf(type);
        return info.Kind == JsonTypeInfoKind.Object
            ? Component(type, () => Object(type, Fields(info)))
            : Component(type, () => new OpenApiSchema { Description = comments.Of(type) });
    }

    private OpenApiSchema OfList(Type element) =>
        element.IsGenericType && element.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)
            ? new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Of(element.GetGenericArguments()[1]) }
            : new OpenApiSchema { Type = JsonSchemaType.Array, Items = Of(element) };

    private OpenApiSchemaReference Component(Type type, Func<OpenApiSchema> create)
    {
        var name = type.Name.EndsWith("Body", StringComparison.Ordinal) ? type.Name[..^"Body".Length] : type.Name;
        if (names.GetValueOrDefault(name, type) != type)
            name = type.Name;
        if (names.TryAdd(name, type))
            document.AddComponent(name, create());
        return new OpenApiSchemaReference(name, document);
    }

    private string? Describe(JsonPropertyInfo property) => property.AttributeProvider is PropertyInfo declared ? comments.Of(declared) : null;

    private static IEnumerable<JsonPropertyInfo> Fields(JsonTypeInfo info) => info.Properties.Where(property => property.Get is not null);

    private static OpenApiSchema Needs(string field) => new() { Required = new HashSet<string> { field } };

    private static bool IsWrittenAsNull(JsonPropertyInfo property) => Find<JsonIgnoreAttribute>(property)?.Condition == JsonIgnoreCondition.Never;

    private static T? Find<T>(JsonPropertyInfo property)
        where T : Attribute => property.AttributeProvider?.GetCustomAttributes(typeof(T), inherit: false).OfType<T>().FirstOrDefault();
}
