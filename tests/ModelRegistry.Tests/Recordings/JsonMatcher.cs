using System.Text.Json;

namespace ModelRegistry.Tests.Recordings;

/// <summary>Compares an answer with what was recorded; an empty list of differences means that it matches.</summary>
internal sealed class JsonMatcher
{
    private readonly Variables variables;
    private readonly IReadOnlyList<AllowedDifference> allowed;
    private readonly SpecialMatchers specials;

    /// <param name="allowed">The known differences of the step that is compared.</param>
    public JsonMatcher(Variables variables, IReadOnlyList<AllowedDifference>? allowed = null)
    {
        this.variables = variables;
        this.allowed = allowed ?? [];
        specials = new SpecialMatchers(this, variables);
    }

    /// <param name="path">JSON pointer of <paramref name="actual"/>; the document itself has the empty one.</param>
    public List<string> Match(JsonElement expected, JsonElement actual, string path = "")
    {
        var differences = MatchRecorded(expected, actual, path);
        return differences.Count > 0 && IsAllowed(actual, path) ? [] : differences;
    }

    public bool Matches(JsonElement expected, JsonElement actual, string path) => Match(expected, actual, path).Count == 0;

    private List<string> MatchRecorded(JsonElement expected, JsonElement actual, string path) => expected.ValueKind switch
    {
        JsonValueKind.Object when SpecialMatchers.Claims(expected) => specials.Match(expected, actual, path),
        JsonValueKind.Object => MatchObject(expected, actual, path),
        JsonValueKind.Array => MatchArray(expected, actual, path),
        JsonValueKind.String => MatchValue(variables.Resolve(expected.GetString()!), actual, path),
        _ => MatchValue(expected, actual, path),
    };

    private bool IsAllowed(JsonElement actual, string path) =>
        allowed.Any(difference => difference.IsAt(path) && MatchRecorded(difference.Instead, actual, path).Count == 0);

    private List<string> MatchObject(JsonElement expected, JsonElement actual, string path)
    {
        if (actual.ValueKind != JsonValueKind.Object)
            return [$"{Place(path)}: expected an object, got {Json.Show(actual)}"];
        var differences = new List<string>();
        var seen = new HashSet<string>();
        var partial = false;
        foreach (var member in expected.EnumerateObject())
        {
            if (member.NameEquals("$partial"))
            {
                partial = member.Value.ValueKind == JsonValueKind.True;
                continue;
            }
            var name = variables.Fill(member.Name);
            seen.Add(name);
            differences.AddRange(MatchMember(name, member.Value, actual, path));
        }
        if (!partial)
            differences.AddRange(Unexpected(actual, seen, path));
        return differences;
    }

    private List<string> MatchMember(string name, JsonElement expected, JsonElement actual, string path)
    {
        var at = $"{path}/{JsonPointer.Escape(name)}";
        if (actual.TryGetProperty(name, out var value))
            return Match(expected, value, at);
        var optional = IsOptional(expected) || allowed.Any(difference => difference.IsAt(at) && IsOptional(difference.Instead));
        return optional ? [] : [$"{at}: missing, expected {JsonExpander.Show(expected, variables)}"];
    }

    private static bool IsOptional(JsonElement expected) =>
        expected.ValueKind == JsonValueKind.Object && expected.TryGetProperty("$optional", out _);

    private IEnumerable<string> Unexpected(JsonElement actual, HashSet<string> seen, string path) =>
        from member in actual.EnumerateObject()
        let at = $"{path}/{JsonPointer.Escape(member.Name)}"
        where !seen.Contains(member.Name) && !IsAllowed(member.Value, at)
        select $"{at}: not expected, got {Json.Show(member.Value)}";

    private List<string> MatchArray(JsonElement expected, JsonElement actual, string path)
    {
        if (actual.ValueKind != JsonValueKind.Array)
            return [$"{Place(path)}: expected an array, got {Json.Show(actual)}"];
        var differences = new List<string>();
        var (wanted, got) = (expected.GetArrayLength(), actual.GetArrayLength());
        if (wanted != got)
            differences.Add($"{Place(path)}: expected {wanted} elements, got {got}: {Json.Show(actual)}");
        for (var i = 0; i < Math.Min(wanted, got); i++)
            differences.AddRange(Match(expected[i], actual[i], $"{path}/{i}"));
        return differences;
    }

    private static List<string> MatchValue(JsonElement expected, JsonElement actual, string path) =>
        Json.Same(expected, actual) ? [] : [$"{Place(path)}: expected {Json.Show(expected)}, got {Json.Show(actual)}"];

    internal static string Place(string path) => path.Length == 0 ? "/" : path;
}
