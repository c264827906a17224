using System.Globalization;
using System.Text.Json;

namespace ModelRegistry.Tests.Recordings;

/// <summary>JSON pointers with two additions: <c>[key=value]</c> picks an element of an array, <c>$json</c> parses a text.</summary>
internal static class JsonPointer
{
    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>The value at the place, or null when there is none.</summary>
    public static JsonElement? Find(JsonElement document, string pointer)
    {
        JsonElement? found = document;
        foreach (var segment in Segments(pointer))
        {
            if (found is not { } value)
                return null;
            found = Step(value, segment);
        }
        return found;
    }

    /// <summary>Segments, unescaped. A slash between brackets belongs to the value that is looked for.</summary>
    public static IEnumerable<string> Segments(string pointer)
    {
        var (start, depth) = (1, 0);
        for (var at = 1; at <= pointer.Length; at++)
        {
            var end = at == pointer.Length;
            if (!end && pointer[at] is '[' or ']')
                depth += pointer[at] == '[' ? 1 : -1;
            if (!end && (pointer[at] != '/' || depth > 0))
                continue;
            if (pointer.Length > 1)
                yield return pointer[start..at].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            start = at + 1;
        }
    }

    private static JsonElement? Step(JsonElement value, string segment) => value.ValueKind switch
    {
        JsonValueKind.String when segment == "$json" => Json.TryParse(value.GetString()!),
        JsonValueKind.Array when segment.StartsWith('[') => Pick(value, segment[1..^1]),
        JsonValueKind.Array => int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < value.GetArrayLength() ? value[index] : null,
        JsonValueKind.Object => value.TryGetProperty(segment, out var member) ? member : null,
        _ => null,
    };

    private static JsonElement? Pick(JsonElement array, string condition)
    {
        var (key, wanted) = condition.Split('=', 2) is [var name, var text] ? (name, text) : (condition, "");
        return array.EnumerateArray().Cast<JsonElement?>().FirstOrDefault(element =>
            element!.Value.ValueKind == JsonValueKind.Object
            && element.Value.TryGetProperty(key, out var value)
            && value.ValueKind == JsonValueKind.String
            && value.GetString() == wanted);
    }
}
