using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelRegistry.Server.Http.Json;

/// <summary>An answer that is JSON already, and goes out as it is.</summary>
[JsonConverter(typeof(FinishedJsonConverter))]
internal sealed record RawJson(ReadOnlyMemory<byte> Utf8);

/// <summary>Writes <see cref="RawJson"/>; no request holds one.</summary>
internal sealed class FinishedJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}
