using System.Globalization;
using System.Text.Json;

namespace ModelRegistry.Tests.Recordings;

/// <summary>Tells whether an allowed difference names a place of the recorded answer, so that the list cannot rot.</summary>
internal static class RecordedPlace
{
    public static bool Exists(RecordedResponse response, string path)
    {
        if (path == "status")
            return true;
        if (path.StartsWith("header ", StringComparison.Ordinal))
            return response.Headers.ContainsKey(path["header ".Length..]);
        return response.Body.ValueKind != JsonValueKind.Undefined && Exists(response.Body, [.. JsonPointer.Segments(path)]);
    }

    private static bool Exists(JsonElement recorded, ReadOnlySpan<string> segments)
    {
        if (segments.IsEmpty)
            return true;
        foreach (var wrapper in (string[])["$optional", "$unordered"])
        {
            if (recorded.ValueKind == JsonValueKind.Object && recorded.TryGetProperty(wrapper, out var inner))
                return Exists(inner, segments);
        }
        if (recorded.ValueKind == JsonValueKind.Array)
            return ExistsInArray(recorded, segments);
        if (recorded.ValueKind != JsonValueKind.Object)
            return false;
        // The last member may be one that the recorded answer lacks.
        return recorded.TryGetProperty(segments[0], out var member) ? Exists(member, segments[1..]) : segments.Length == 1;
    }

    private static bool ExistsInArray(JsonElement recorded, ReadOnlySpan<string> segments)
    {
        if (segments[0] != "*")
        {
            return int.TryParse(segments[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && index < recorded.GetArrayLength() && Exists(recorded[index], segments[1..]);
        }
        foreach (var element in recorded.EnumerateArray())
        {
            if (Exists(element, segments[1..]))
                return true;
        }
        return false;
    }
}
