using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelRegistry.Server.Http.Json;

/// <summary>
/// protobuf's enum in JSON: the name in upper case, or the number, in; the name out. A value that the enum lacks does not fit, which is
/// what MLflow's parser says as well.
/// </summary>
internal sealed class WireEnumConverter<TEnum> : JsonConverter<TEnum>
    where TEnum : struct, Enum
{
    private static readonly Dictionary<string, TEnum> ByName =
        Enum.GetValues<TEnum>().ToDictionary(value => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString()));

    private static readonly Dictionary<TEnum, string> Names = ByName.ToDictionary(pair => pair.Value, pair => pair.Key);

    private static readonly Dictionary<int, TEnum> ByNumber =
        Enum.GetValues<TEnum>().ToDictionary(value => Convert.ToInt32(value, CultureInfo.InvariantCulture));

    public static string NameOf(TEnum value) => Names[value];

    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
            return Find(number);
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException();
        var text = reader.GetString()!;
        if (ByName.TryGetValue(text, out var value))
            return value;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) ? Find(number) : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) => writer.WriteStringValue(Names[value]);

    private static TEnum Find(int number) => ByNumber.TryGetValue(number, out var value) ? value : throw new JsonException();
}
