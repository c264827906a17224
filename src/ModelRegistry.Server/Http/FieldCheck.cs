using System.Globalization;
using System.Text.Json;

namespace ModelRegistry.Server.Http;

/// <summary>Applies one <see cref="MustAttribute"/>, to a bound value or to the raw JSON of a body that could not be bound.</summary>
internal sealed class FieldCheck(MustAttribute must)
{
    public void CheckTyped(string name, object? value)
    {
        if (must.Be.HasFlag(Be.Required) && value is null or "")
            throw ApiException.Missing(name);
        if (must.Max != long.MaxValue && value is not null && Convert.ToInt64(value, CultureInfo.InvariantCulture) > must.Max)
            throw Wrong(name, JsonSerializer.SerializeToElement(Convert.ToInt64(value, CultureInfo.InvariantCulture), WireJson.TypeOf<long>()));
    }

    public void CheckRaw(string name, JsonElement? value)
    {
        if (value is { ValueKind: JsonValueKind.Null })
            value = null;
        var isAbsent = value is null || (value.Value.ValueKind == JsonValueKind.String && value.Value.GetString() == "");
        if (must.Be.HasFlag(Be.Required) && isAbsent && !IsWrongType(value))
            throw ApiException.Missing(name);
        if (value is not null && (IsWrongType(value) || IsAboveMax(value.Value)))
            throw Wrong(name, value);
    }

    private bool IsWrongType(JsonElement? value) => value is { } element && (
        (must.Be.HasFlag(Be.Text) && element.ValueKind != JsonValueKind.String)
        || (must.Be.HasFlag(Be.Integer) && !IsIntegerLike(element))
        || (must.Be.HasFlag(Be.Number) && !IsNumberLike(element))
        || (must.Be.HasFlag(Be.Bool) && element.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        || (must.Be.HasFlag(Be.List) && element.ValueKind != JsonValueKind.Array)
        || (must.Be.HasFlag(Be.ListOfText) && !IsListOfText(element)));

    private bool IsAboveMax(JsonElement element) => IsNumberLike(element) && ToDouble(element) > must.Max;

    private static bool IsIntegerLike(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        JsonValueKind.String => long.TryParse(element.GetString()!.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        _ => false,
    };

    private static bool IsNumberLike(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        JsonValueKind.String => double.TryParse(element.GetString()!.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out _),
        _ => false,
    };

    private static bool IsListOfText(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array && element.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String);

    private static double ToDouble(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.String => double.Parse(element.GetString()!.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => element.ValueKind == JsonValueKind.True ? 1 : 0,
    };

    private static ApiException Wrong(string name, JsonElement? value) => ApiException.Invalid(
        $"Invalid value {PythonText.CompactJson(value)} for parameter '{name}' supplied:  Hint: Value was of type '{PythonText.TypeName(value)}'."
        + " See the API docs for more information about request parameters.");
}
