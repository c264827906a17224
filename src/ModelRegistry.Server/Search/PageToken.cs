using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Search;

/// <summary>
/// MLflow's offset page token: base64 of <c>{"offset": N}</c>, opaque to clients. Ours may also say after which row the page starts, which
/// MLflow's own server does not look at.
/// </summary>
internal static class PageToken
{
    /// <summary>The token of the page that starts at <paramref name="offset"/>.</summary>
    public static string Encode(long offset) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"offset\": {offset}}}")));

    /// <summary>The token of the page that starts at <paramref name="offset"/>, right after a row.</summary>
    /// <param name="order">The order that the row stands in.</param>
    /// <param name="row">Values that say where: text, numbers or null; empty for a token of the offset alone.</param>
    public static string Encode(long offset, string order, IReadOnlyList<object?> row) => row.Count == 0
        ? Encode(offset)
        : Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"offset\": {offset}, {Place(order, row)}}}")));

    /// <summary>Takes away what was read beyond the page, which tells whether there is another one.</summary>
    /// <param name="rows">Those of the page, and one more if there is.</param>
    /// <param name="placeOf">The values that say where a row stands in the order.</param>
    /// <returns>The token of the next page; null when there is none.</returns>
    public static string? Cut<TRow>(List<TRow> rows, long limit, PageStart start, string order, Func<TRow, IReadOnlyList<object?>> placeOf)
    {
        if (rows.Count <= limit)
            return null;
        var kept = (int)Math.Max(0, limit);
        rows.RemoveRange(kept, rows.Count - kept);
        return Encode(start.Offset + limit, order, rows.Count == 0 ? [] : placeOf(rows[^1]));
    }

    /// <summary>The members that say after which row a page starts, for a token that has others of its own.</summary>
    public static string Place(string order, IReadOnlyList<object?> row)
    {
        var values = row.Select(value => value switch
        {
            null => "null",
            string text => PythonText.CompactJson(text),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        });
        return $"\"order\": {PythonText.CompactJson(order)}, \"after\": [{string.Join(", ", values)}]";
    }

    /// <summary>The offset a token names; 0 for no token, and for a negative offset.</summary>
    /// <exception cref="ApiException">INVALID_PARAMETER_VALUE, with MLflow's text for each way a token can be wrong.</exception>
    public static long Decode(string? token) => Read(token).Offset;

    /// <summary>Where the page of a token starts; at the beginning for no token.</summary>
    /// <inheritdoc cref="Decode" path="/exception"/>
    public static PageStart Read(string? token)
    {
        if (string.IsNullOrEmpty(token))
            return new PageStart(0, null, []);
        var text = DecodeBase64(token);
        using var document = ParseJson(text);
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("offset", out var value) || IsFalsy(value))
            throw ApiException.Invalid($"Invalid page token, parsed value={PythonText.Repr(document.RootElement)}");
        return PlaceIn(document.RootElement, Math.Max(0, ToOffset(value)));
    }

    /// <summary>Adds the row, if there is one, that the members of <see cref="Place"/> name.</summary>
    public static PageStart PlaceIn(JsonElement token, long offset)
    {
        if (!token.TryGetProperty("order", out var order) || order.ValueKind != JsonValueKind.String
            || !token.TryGetProperty("after", out var after) || after.ValueKind != JsonValueKind.Array)
        {
            return new PageStart(offset, null, []);
        }

        return new PageStart(offset, order.GetString(), [.. after.EnumerateArray().Select(value => ToValue(value, token))]);
    }

    private static object? ToValue(JsonElement value, JsonElement token) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number when value.TryGetInt64(out var number) => number,
        JsonValueKind.Number when value.TryGetDouble(out var number) && double.IsFinite(number) => number,
        _ => throw ApiException.Invalid($"Invalid page token, parsed value={PythonText.Repr(token)}"),
    };

    private static string DecodeBase64(string token)
    {
        // Python's decoder skips characters outside the alphabet; what is left must still be whole groups.
        var kept = string.Concat(token.Where(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '='));
        if (!Base64.IsValid(kept.AsSpan()))
            throw ApiException.Invalid("Invalid page token, could not base64-decode");
        return Encoding.Latin1.GetString(Convert.FromBase64String(kept));
    }

    private static JsonDocument ParseJson(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            throw ApiException.Invalid($"Invalid page token, decoded value={PythonText.ReprBytes(text)}");
        }
    }

    private static bool IsFalsy(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Number => value.GetDouble() == 0,
        JsonValueKind.String => value.GetString() == "",
        _ => false,
    };

    private static long ToOffset(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number)
            return (long)value.GetDouble();
        if (value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number))
            return number;
        var shown = value.ValueKind == JsonValueKind.String ? value.GetString() : PythonText.Repr(value);
        throw ApiException.Invalid($"Invalid page token, not stringable {shown}");
    }
}

/// <summary>Where a page starts.</summary>
/// <param name="Offset">After so many rows.</param>
/// <param name="Order">The order in which <paramref name="Row"/> stands; null when no row is known.</param>
/// <param name="Row">Values of the row before the page, for the searches that find the page by them.</param>
internal sealed record PageStart(long Offset, string? Order, IReadOnlyList<object?> Row);
