using System.Text;
using System.Text.Json;

namespace ModelRegistry.Tests.Recordings;

/// <summary>Bodies that are bytes and not JSON: <c>$text</c>, <c>$base64</c>, <c>$hex</c>, <c>$bytes</c>, <c>$concat</c>.</summary>
internal static class RawBody
{
    /// <summary>The bytes, or null when the value is a JSON body.</summary>
    public static byte[]? TryRead(JsonElement body, Variables variables)
    {
        if (body.ValueKind != JsonValueKind.Object || body.GetPropertyCount() != 1)
            return null;
        var member = body.EnumerateObject().First();
        return member.Name switch
        {
            "$text" => Encoding.UTF8.GetBytes(variables.Fill(member.Value.GetString()!)),
            "$base64" => member.Value.GetBytesFromBase64(),
            "$hex" => Convert.FromHexString(variables.Fill(member.Value.GetString()!)),
            "$bytes" => GeneratedBytes.Create(member.Value.GetProperty("seed").GetUInt64(), member.Value.GetProperty("size").GetInt32()),
            "$concat" => [.. member.Value.EnumerateArray().SelectMany(part => Part(part, variables))],
            _ => null,
        };
    }

    private static byte[] Part(JsonElement part, Variables variables) =>
        TryRead(part, variables) ?? throw new FormatException($"Not a part of $concat: {Json.Show(part)}");
}
