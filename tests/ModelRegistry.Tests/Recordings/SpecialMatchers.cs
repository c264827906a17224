using System.Text.Json;
using System.Text.RegularExpressions;

namespace ModelRegistry.Tests.Recordings;

/// <summary>The objects that are matchers: <c>$any</c>, <c>$regex</c>, <c>$unordered</c> and the others.</summary>
internal sealed class SpecialMatchers(JsonMatcher matcher, Variables variables)
{
    private const long EarliestTime = 1_400_000_000_000;
    private const long LatestTime = 4_100_000_000_000;

    /// <summary>Whether an expected object is a matcher; <c>$partial</c> alone only loosens an ordinary object.</summary>
    public static bool Claims(JsonElement expected) =>
        expected.EnumerateObject().Any(member => member.Name.StartsWith('$') && !member.NameEquals("$partial"));

    public List<string> Match(JsonElement expected, JsonElement actual, string path)
    {
        var member = expected.EnumerateObject().First(one => one.Name.StartsWith('$') && !one.NameEquals("$partial"));
        var value = member.Value;
        return member.Name switch
        {
            "$any" => Check(IsKind(value.GetString()!, actual), $"any {value.GetString()}", actual, path),
            "$after" => MatchAfter(variables.Resolve(value.GetString()!), actual, path),
            "$int" => MatchInteger(variables.Integer(value), actual, path),
            "$json" => MatchEmbedded(value, actual, path),
            "$regex" => MatchText(value, actual, path, "text like", (text, wanted) => Regex.IsMatch(text, wanted)),
            "$message" => MatchText(value, actual, path, "message", (text, wanted) => text == wanted),
            "$message_prefix" => MatchText(value, actual, path, "a message that starts with",
                (text, wanted) => text.StartsWith(wanted, StringComparison.Ordinal)),
            "$optional" => matcher.Match(value, actual, path),
            "$in" => Check(value.EnumerateArray().Any(one => matcher.Matches(one, actual, path)),
                $"one of {JsonExpander.Show(value, variables)}", actual, path),
            "$unordered" => MatchUnordered(value, actual, path),
            _ => throw new FormatException($"Unknown matcher {member.Name} at {JsonMatcher.Place(path)}."),
        };
    }

    private static bool IsKind(string kind, JsonElement actual) => kind switch
    {
        "any" => true,
        "string" => actual.ValueKind == JsonValueKind.String,
        "nonempty-string" => actual.ValueKind == JsonValueKind.String && actual.GetString()!.Length > 0,
        "int" => Json.IsInteger(actual),
        "int64-ms" => Json.IsInteger(actual) && Json.Integer(actual) >= EarliestTime && Json.Integer(actual) <= LatestTime,
        "number" => actual.ValueKind == JsonValueKind.Number,
        "bool" => actual.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => throw new FormatException($"Unknown kind {kind} of $any."),
    };

    private static List<string> MatchAfter(JsonElement earlier, JsonElement actual, string path) =>
        Check(Json.IsInteger(actual) && Json.Integer(actual) > Json.Integer(earlier), $"a time after {earlier.GetRawText()}", actual, path);

    private static List<string> MatchInteger(long wanted, JsonElement actual, string path) =>
        Check(Json.IsInteger(actual) && Json.Integer(actual) == wanted, $"{wanted}", actual, path);

    private List<string> MatchEmbedded(JsonElement expected, JsonElement actual, string path) =>
        actual.ValueKind == JsonValueKind.String && Json.TryParse(actual.GetString()!) is { } document
            ? matcher.Match(expected, document, $"{path}/$json")
            : [$"{JsonMatcher.Place(path)}: expected a text that holds JSON, got {Json.Show(actual)}"];

    private List<string> MatchText(JsonElement pattern, JsonElement actual, string path, string what, Func<string, string, bool> matches)
    {
        var wanted = variables.Fill(pattern.GetString()!);
        var matched = actual.ValueKind == JsonValueKind.String && matches(actual.GetString()!, wanted);
        return Check(matched, $"{what} {Json.Show(Json.Text(wanted))}", actual, path);
    }

    private List<string> MatchUnordered(JsonElement expected, JsonElement actual, string path)
    {
        if (actual.ValueKind != JsonValueKind.Array)
            return [$"{JsonMatcher.Place(path)}: expected an array, got {Json.Show(actual)}"];
        var (wanted, got) = (expected.EnumerateArray().ToList(), actual.EnumerateArray().ToList());
        if (wanted.Count != got.Count)
            return [$"{JsonMatcher.Place(path)}: expected {wanted.Count} elements in any order, got {got.Count}: {Json.Show(actual)}"];

        var pairing = new PerfectMatching(wanted.Count, (i, j) => matcher.Matches(wanted[i], got[j], $"{path}/{j}"));
        var lonely = pairing.Unmatched().ToList();
        if (lonely.Count == 0)
            return [];
        var differences = lonely.ConvertAll(i => $"{JsonMatcher.Place(path)}: no element matches {JsonExpander.Show(wanted[i], variables)}");
        differences.AddRange(pairing.LeftOver().Select(j => $"{path}/{j}: left over: {Json.Show(got[j])}"));
        return differences;
    }

    private static List<string> Check(bool matched, string expected, JsonElement actual, string path) =>
        matched ? [] : [$"{JsonMatcher.Place(path)}: expected {expected}, got {Json.Show(actual)}"];
}
