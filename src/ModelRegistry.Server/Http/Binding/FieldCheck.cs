using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Http.Binding;

/// <summary>Applies one <see cref="MustAttribute"/>, to a bound record or to the JSON it came from.</summary>
internal sealed class FieldCheck
{
    private readonly string name;
    private readonly MustAttribute must;
    private readonly Func<object, object?> read;
    private readonly FieldCheck? oldName;

    private FieldCheck(JsonTypeInfo request, string name, MustAttribute must)
    {
        this.name = name;
        this.must = must;
        read = request.Properties.First(property => property.Name == name).Get!;

        // The one field that was renamed: older clients send run_uuid.
        if (name == "run_id" && request.Properties.Any(property => property is { Name: "run_uuid", Get: not null }))
            oldName = new FieldCheck(request, "run_uuid", must);
    }

    /// <summary>The checks of a request record, in the order in which it declares its properties.</summary>
    public static FieldCheck[] Of(JsonTypeInfo request) =>
        [.. from property in request.Type.GetProperties().OrderBy(p => p.MetadataToken)
            let must = property.GetCustomAttribute<MustAttribute>()
            where must is not null
            select new FieldCheck(request, JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), must)];

    /// <summary>Whether a bound record passes; its types are right already.</summary>
    public bool Accepts(object request)
    {
        var value = read(request);
        if (must.Be.HasFlag(Be.Required) && value is null or "")
            return value is null && oldName is not null && oldName.Accepts(request);
        return must.Max == long.MaxValue || value is null || Convert.ToInt64(value, CultureInfo.InvariantCulture) <= must.Max;
    }

    /// <param name="body">What the client sent.</param>
    /// <param name="typesToo">The body does not fit the record, so types have to be looked at.</param>
    /// <exception cref="ApiException">The field is missing or wrong.</exception>
    public void CheckRaw(JsonElement body, bool typesToo)
    {
        JsonElement? value = body.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null ? found : null;
        if (value is null && oldName is not null && body.TryGetProperty(oldName.name, out var old) && old.ValueKind != JsonValueKind.Null)
            value = old;
        var isPresent = found.ValueKind != JsonValueKind.Undefined;
        var isEmpty = value is null || (value.Value.ValueKind == JsonValueKind.String && value.Value.GetString() == "");
        var isWrong = typesToo && (isPresent || must.Be.HasFlag(Be.Required)) && IsWrongType(value);
        if (isWrong && must.Be.HasFlag(Be.TypeFirst))
            throw Wrong(value);
        if (isEmpty && must.Be.HasFlag(Be.Required))
            throw ApiException.Missing(name);
        if (isWrong || (value is not null && IsAboveMax(value.Value)))
            throw Wrong(value);
    }

    private bool IsWrongType(JsonElement? value) =>
        (must.Be.HasFlag(Be.Text) && value?.ValueKind != JsonValueKind.String)
        || (must.Be.HasFlag(Be.Integer) && !IsIntegerLike(value))
        || (must.Be.HasFlag(Be.Number) && !IsNumberLike(value))
        || (must.Be.HasFlag(Be.Bool) && value?.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        || (must.Be.HasFlag(Be.List) && value?.ValueKind != JsonValueKind.Array)
        || (must.Be.HasFlag(Be.ListOfText) && !IsListOfText(value));

    private bool IsAboveMax(JsonElement element) => IsNumberLike(element) && ToDouble(element) > must.Max;

    private static bool IsIntegerLike(JsonElement? element) => element?.ValueKind switch
    {
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        JsonValueKind.String => long.TryParse(element.Value.GetString()!.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        _ => false,
    };

    private static bool IsNumberLike(JsonElement? element) => element?.ValueKind switch
    {
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        JsonValueKind.String => double.TryParse(element.Value.GetString()!.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out _),
        _ => false,
    };

    private static bool IsListOfText(JsonElement? element) =>
        element?.ValueKind == JsonValueKind.Array && element.Value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String);

    private static double ToDouble(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.String => double.Parse(element.GetString()!.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => element.ValueKind == JsonValueKind.True ? 1 : 0,
    };

    private ApiException Wrong(JsonElement? value) => ApiException.Invalid(
        $"Invalid value {PythonText.CompactJson(value)} for parameter '{name}' supplied:  Hint: Value was of type '{PythonText.TypeName(value)}'."
        + " See the API docs for more information about request parameters.");
}
