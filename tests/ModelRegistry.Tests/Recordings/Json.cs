using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ModelRegistry.Tests.Recordings;

/// <summary>Small helpers over <see cref="JsonElement"/>.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonElement Text(string value) => JsonSerializer.SerializeToElement(value);

    public static JsonElement Number(long value) => JsonSerializer.SerializeToElement(value);

    /// <summary>The parsed document, or null when the bytes are not JSON.</summary>
    public static JsonElement? TryParse(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        try
        {
            return JsonElement.TryParseValue(ref reader, out var value) && !reader.Read() ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static JsonElement? TryParse(string text) => TryParse(Encoding.UTF8.GetBytes(text));

    /// <summary>Whether it is written as an integer: <c>1.0</c> and <c>1e3</c> are not.</summary>
    public static bool IsInteger(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.GetRawText().AsSpan().IndexOfAny(".eE") < 0;

    public static BigInteger Integer(JsonElement value) => BigInteger.Parse(value.GetRawText(), CultureInfo.InvariantCulture);

    /// <summary>Equality of values: numbers by value, objects without regard to order.</summary>
    public static bool Same(JsonElement a, JsonElement b) => (a.ValueKind, b.ValueKind) switch
    {
        (JsonValueKind.Number, JsonValueKind.Number) => SameNumber(a, b),
        (JsonValueKind.Array, JsonValueKind.Array) =>
            a.GetArrayLength() == b.GetArrayLength() && a.EnumerateArray().Zip(b.EnumerateArray(), Same).All(same => same),
        (JsonValueKind.Object, JsonValueKind.Object) =>
            a.GetPropertyCount() == b.GetPropertyCount()
            && a.EnumerateObject().All(member => b.TryGetProperty(member.Name, out var other) && Same(member.Value, other)),
        (JsonValueKind.String, JsonValueKind.String) => a.GetString() == b.GetString(),
        var (x, y) => x == y,
    };

    /// <summary>Text for a message: readable, and cut when long.</summary>
    public static string Show(JsonElement value, int limit = 300) => Cut(JsonSerializer.Serialize(value, Readable), limit);

    public static string Cut(string text, int limit) =>
        text.Length <= limit ? text : $"{text[..limit]}… ({text.Length} characters)";

    private static bool SameNumber(JsonElement a, JsonElement b)
    {
        if (IsInteger(a) && IsInteger(b))
            return Integer(a) == Integer(b);
        // A double carries 53 bits, so an integer is compared with it exactly and not after rounding.
        if (IsInteger(a))
            return double.IsInteger(b.GetDouble()) && Integer(a) == new BigInteger(b.GetDouble());
        return IsInteger(b) ? SameNumber(b, a) : a.GetDouble().Equals(b.GetDouble());
    }
}
