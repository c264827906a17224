using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelRegistry.Server.Http.Json;

/// <summary>protobuf's Timestamp in JSON, kept as milliseconds since the epoch: <c>2025-03-01T10:00:00.500Z</c>.</summary>
internal sealed class TimestampConverter : JsonConverter<long>
{
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            && DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeMilliseconds()
            : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(value).UtcDateTime;
        writer.WriteStringValue(time.ToString(value % 1000 == 0 ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
    }
}

/// <summary>protobuf's Duration in JSON, kept as milliseconds: <c>1.500s</c>.</summary>
internal sealed class DurationConverter : JsonConverter<long>
{
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException();
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        return text.EndsWith('s') && decimal.TryParse(text.AsSpan(0, text.Length - 1), style, CultureInfo.InvariantCulture, out var seconds)
            ? (long)decimal.Truncate(seconds * 1000)
            : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) =>
        writer.WriteStringValue((value / 1000m).ToString(value % 1000 == 0 ? "0" : "0.000", CultureInfo.InvariantCulture) + "s");
}
