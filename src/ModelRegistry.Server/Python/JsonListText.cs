using System.Text.Json;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Python;

/// <summary>A JSON list that MLflow keeps as the text of a tag, written as <c>json.dumps</c> writes it.</summary>
internal static class JsonListText
{
    /// <param name="list">The tag's value; null or empty for a list that has yet to begin.</param>
    /// <param name="entry">JSON of what is added at the end.</param>
    /// <param name="tag">Whose text it is, for the message.</param>
    /// <param name="isSet">Whether an entry that is there already is not added again.</param>
    /// <exception cref="ApiException">INTERNAL_ERROR: a client has put something else into the tag.</exception>
    public static string Append(string? list, string entry, string tag, bool isSet = false)
    {
        if (string.IsNullOrEmpty(list))
            return $"[{entry}]";
        using var known = Parse(list, tag);
        using var added = JsonDocument.Parse(entry);
        var entries = known.RootElement.EnumerateArray().ToList();
        if (isSet && entries.Any(one => JsonElement.DeepEquals(one, added.RootElement)))
            return list;
        return $"[{string.Join(", ", entries.Select(PythonText.Json).Append(entry))}]";
    }

    private static JsonDocument Parse(string list, string tag)
    {
        try
        {
            var document = JsonDocument.Parse(list);
            if (document.RootElement.ValueKind == JsonValueKind.Array)
                return document;
            document.Dispose();
            throw ApiException.Internal($"The tag {tag} is not a JSON list.");
        }
        catch (JsonException)
        {
            throw ApiException.Internal($"The tag {tag} is not valid JSON.");
        }
    }
}
