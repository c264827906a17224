using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ModelRegistry.Server.Http.Json;

/// <summary>The JSON of every call: snake_case out, camelCase also in, unset fields and empty lists absent.</summary>
/// <param name="slices">Who knows the wire records: each slice has a context of its own, which says nothing of these rules.</param>
internal sealed class WireJson(IEnumerable<JsonSerializerContext> slices)
{
    /// <summary>How texts are escaped in every answer.</summary>
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private readonly JsonSerializerOptions options = Create(JsonTypeInfoResolver.Combine([.. slices]));

    /// <summary>The wire form of <typeparamref name="T"/>, which the context of its slice has to list.</summary>
    public JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    /// <inheritdoc cref="TypeOf{T}"/>
    public JsonTypeInfo TypeOf(Type type) => options.GetTypeInfo(type);

    private static JsonSerializerOptions Create(IJsonTypeInfoResolver records)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = Encoder,
            TypeInfoResolver = records.WithAddedModifier(LeaveOutEmptyLists).WithAddedModifier(AcceptCamelCase),
            Converters = { new Int64Converter(), new Int32Converter(), new DoubleConverter(), new TextListConverter() },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void LeaveOutEmptyLists(JsonTypeInfo info)
    {
        foreach (var property in info.Properties.Where(p => p.PropertyType.IsAssignableTo(typeof(IList))))
            property.ShouldSerialize = static (_, value) => value is IList { Count: > 0 };
    }

    private static void AcceptCamelCase(JsonTypeInfo info)
    {
        // Requests have settable properties and no constructor; what is only ever written needs no second spelling.
        if (info.Kind != JsonTypeInfoKind.Object || info.CreateObject is null)
            return;
        foreach (var property in info.Properties.Where(p => p.Set is not null && p.Name.Contains('_', StringComparison.Ordinal)).ToList())
        {
            var alias = info.CreateJsonPropertyInfo(property.PropertyType, ToCamelCase(property.Name));
            alias.Set = property.Set;
            info.Properties.Add(alias);
        }
    }

    private static string ToCamelCase(string snake)
    {
        var words = snake.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(w => w.Length == 0 ? w : char.ToUpperInvariant(w[0]) + w[1..]));
    }
}
