using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelRegistry.Server.Http;

/// <summary>An answer that is JSON already, and goes out as it is.</summary>
[JsonConverter(typeof(FinishedJsonConverter))]
internal sealed record FinishedJson(ReadOnlyMemory<byte> Utf8);

/// <summary>Writes <see cref="FinishedJson"/>; no request holds one.</summary>
internal sealed class FinishedJsonConverter : JsonConverter<FinishedJson>
{
    public override FinishedJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, FinishedJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}
