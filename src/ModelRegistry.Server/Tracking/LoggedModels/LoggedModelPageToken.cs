using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Tracking.LoggedModels;

/// <summary>The page token of this one search: it carries the search it belongs to and fits no other.</summary>
internal sealed record LoggedModelPageToken(IReadOnlyList<string> ExperimentIds, string? Filter, IReadOnlyList<LoggedModelOrderBy> OrderBy)
{
    /// <summary>The token of the page that starts at <paramref name="offset"/>, right after a row.</summary>
    /// <param name="order">The order that the row stands in.</param>
    /// <param name="row">Values that say where; empty for a token of the offset alone.</param>
    public string Encode(long offset, string order, IReadOnlyList<object?> row)
    {
        var place = row.Count == 0 ? "" : $", {PageToken.Place(order, row)}";
        return Convert.ToBase64String(Encoding.ASCII.GetBytes($"{ToJson(offset)[..^1]}{place}}}"));
    }

    /// <summary>Where the page of a token starts; at the beginning for no token.</summary>
    /// <exception cref="ApiException">The token is none, or that of another search.</exception>
    public PageStart Decode(string? token)
    {
        if (string.IsNullOrEmpty(token))
            return new PageStart(0, null, []);
        using var found = Parse(token);
        using var expected = JsonDocument.Parse(ToJson(0));
        RequireSame("Experiment IDs", "experiment IDs", "experiment_ids", expected.RootElement, found.RootElement);
        RequireSame("Filter string", "filter string", "filter_string", expected.RootElement, found.RootElement);
        RequireSame("Order by", "order by", "order_by", expected.RootElement, found.RootElement);
        var offset = found.RootElement.TryGetProperty("offset", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : 0;
        return PageToken.PlaceIn(found.RootElement, offset);
    }

    private static JsonDocument Parse(string token)
    {
        try
        {
            var document = JsonDocument.Parse(Convert.FromBase64String(token));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw Wrong(token);
        }

        throw Wrong(token);
    }

    private static ApiException Wrong(string token) => ApiException.Invalid($"Invalid page token: {token}.");

    private static void RequireSame(string title, string name, string property, JsonElement expected, JsonElement found)
    {
        var (wanted, given) = (Value(expected, property), Value(found, property));
        if (wanted is { } a && given is { } b ? !JsonElement.DeepEquals(a, b) : wanted is not null || given is not null)
            throw ApiException.Invalid($"{title} in the page token do{(title == "Experiment IDs" ? "" : "es")} not match the requested {name}. Expected: {Show(wanted)}. Found: {Show(given)}");
    }

    /// <summary>null for what Python calls false, except among the experiments, where a list is a list.</summary>
    private static JsonElement? Value(JsonElement token, string property)
    {
        if (!token.TryGetProperty(property, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        var isEmpty = value.ValueKind == JsonValueKind.String ? value.GetString() == "" : value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;
        return isEmpty && property != "experiment_ids" ? null : value;
    }

    private static string Show(JsonElement? value) => value switch
    {
        null => "None",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { } other => PythonText.Repr(other),
    };

    /// <summary>As Python writes it, so that tokens of an MLflow server fit ours and the other way round.</summary>
    private string ToJson(long offset)
    {
        var experiments = string.Join(", ", ExperimentIds.Select(PythonText.CompactJson));
        var orders = OrderBy.Select(by =>
            $"{{\"field_name\": {Text(by.FieldName)}, \"ascending\": {(by.Ascending ? "true" : "false")},"
            + $" \"dataset_name\": {Text(by.DatasetName)}, \"dataset_digest\": {Text(by.DatasetDigest)}}}");
        var orderBy = OrderBy.Count == 0 ? "null" : $"[{string.Join(", ", orders)}]";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"experiment_ids\": [{experiments}], \"filter_string\": {Text(Filter)}, \"order_by\": {orderBy}, \"offset\": {offset}}}");
    }

    private static string Text(string? value) => value is null ? "null" : PythonText.CompactJson(value);
}
