using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ModelRegistry.Server.Http;

/// <summary>MLflow's offset page token: base64 of <c>{"offset": N}</c>, opaque to clients.</summary>
internal static class PageToken
{
    /// <summary>The token of the page that starts at <paramref name="offset"/>.</summary>
    public static string Encode(long offset) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"offset\": {offset}}}")));

    /// <summary>The offset a token names; 0 for no token, and for a negative offset.</summary>
    /// <exception cref="ApiException">INVALID_PARAMETER_VALUE, with MLflow's text for each way a token can be wrong.</exception>
    public static long Decode(string? token)
    {
        if (string.IsNullOrEmpty(token))
            return 0;
        var text = DecodeBase64(token);
        using var document = ParseJson(text);
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("offset", out var value) || IsFalsy(value))
            throw ApiException.Invalid($"Invalid page token, parsed value={PythonText.Repr(document.RootElement)}");
        return Math.Max(0, ToOffset(value));
    }

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
