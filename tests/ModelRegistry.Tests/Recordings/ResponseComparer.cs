using System.Text;
using System.Text.Json;

namespace ModelRegistry.Tests.Recordings;

/// <summary>Compares a whole answer, after its captures are bound, with the recorded one.</summary>
internal sealed class ResponseComparer(Variables variables, JsonMatcher matcher)
{
    public List<string> CompareStatus(RecordedResponse expected, WireResponse actual) =>
        matcher.Match(expected.Status, Json.Number(actual.Status), "status");

    public List<string> CompareHeaders(RecordedResponse expected, WireResponse actual) =>
        [.. expected.Headers.SelectMany(header => CompareHeader(header.Key, header.Value, actual))];

    public List<string> CompareBody(JsonElement expected, byte[] actual)
    {
        if (expected.ValueKind == JsonValueKind.Undefined)
            return [];
        if (IsOnly(expected, "$empty"))
            return actual.Length == 0 ? [] : [$"body: expected nothing, got {ShowBytes(actual)}"];
        if (IsOnly(expected, "$any"))
        {
            var kind = expected.GetProperty("$any").GetString();
            if (kind == "any")
                return [];
            if (kind == "nonempty-text")
                return Encoding.UTF8.GetString(actual).Trim().Length > 0 ? [] : ["body: expected some text"];
        }
        if (RawBody.TryRead(expected, variables) is { } bytes)
            return CompareBytes(bytes, actual);
        return Json.TryParse(actual) is { } document
            ? matcher.Match(expected, document)
            : [$"body: expected JSON, got {ShowBytes(actual)}"];
    }

    public static string ShowBytes(ReadOnlySpan<byte> bytes, int limit = 300) => Json.Cut(Encoding.UTF8.GetString(bytes), limit);

    private List<string> CompareHeader(string name, JsonElement expected, WireResponse actual)
    {
        var path = $"header {name}";
        if (!actual.Headers.TryGetValue(name, out var got))
            return [$"{path}: missing, expected {JsonExpander.Show(expected, variables)}"];
        if (expected.ValueKind != JsonValueKind.String)
            return matcher.Match(expected, Json.Text(got), path);
        var wanted = variables.Fill(expected.GetString()!);
        var same = name.ToLowerInvariant() switch
        {
            "content-type" => MediaType(wanted).Equals(MediaType(got), StringComparison.OrdinalIgnoreCase),
            "content-disposition" => ContentDisposition.Parse(wanted) == ContentDisposition.Parse(got),
            _ => wanted == got,
        };
        // The matcher has the last word, so that an allowed difference of a header counts.
        return same ? [] : matcher.Match(Json.Text(wanted), Json.Text(got), path);
    }

    private static List<string> CompareBytes(byte[] expected, byte[] actual)
    {
        if (expected.AsSpan().SequenceEqual(actual))
            return [];
        var at = expected.AsSpan().CommonPrefixLength(actual);
        return
        [
            $"body: expected {expected.Length} bytes, got {actual.Length}, first difference at byte {at}: "
            + $"expected {ShowBytes(expected.AsSpan(at), 60)}, got {ShowBytes(actual.AsSpan(at), 60)}",
        ];
    }

    private static bool IsOnly(JsonElement value, string member) =>
        value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() == 1 && value.TryGetProperty(member, out _);

    private static string MediaType(string header) => header.Split(';')[0].Trim();
}
