using System.Text.Json;
using Xunit;

namespace ModelRegistry.Tests.Recordings;

public sealed class JsonMatcherTests
{
    [Theory]
    // Objects match exactly, in any order, unless they are partial.
    [InlineData("""{"a": 1, "b": 2}""", """{"b": 2, "a": 1}""", true)]
    [InlineData("""{"a": 1, "b": 2}""", """{"a": 1}""", false)]
    [InlineData("""{"a": 1}""", """{"a": 1, "b": 2}""", false)]
    [InlineData("""{"a": 1, "$partial": true}""", """{"a": 1, "b": 2}""", true)]
    [InlineData("""{"a": 1, "$partial": true}""", """{"b": 2}""", false)]
    [InlineData("""{"a": 1}""", "[1]", false)]
    [InlineData("""{"a": {"$optional": 1}}""", "{}", true)]
    [InlineData("""{"a": {"$optional": 1}}""", """{"a": 1}""", true)]
    [InlineData("""{"a": {"$optional": 1}}""", """{"a": 2}""", false)]
    [InlineData("""{"k-{{name}}": 1}""", """{"k-fraud": 1}""", true)]
    // Arrays have an order and a length.
    [InlineData("[1, 2]", "[1, 2]", true)]
    [InlineData("[1, 2]", "[2, 1]", false)]
    [InlineData("[1]", "[1, 2]", false)]
    // Types are strict, numbers are compared as numbers.
    [InlineData("1", "1.0", true)]
    [InlineData("100", "1e2", true)]
    [InlineData("9223372036854775807", "9223372036854775806", false)]
    [InlineData("9007199254740993", "9007199254740992.0", false)]
    [InlineData("0.1", "0.10", true)]
    [InlineData("1", "true", false)]
    [InlineData("1", "\"1\"", false)]
    [InlineData("null", "null", true)]
    [InlineData("null", "false", false)]
    [InlineData("\"a\"", "\"A\"", false)]
    // Variables keep their type when they are the whole text.
    [InlineData("\"{{number}}\"", "7", true)]
    [InlineData("\"{{number}}\"", "\"7\"", false)]
    [InlineData("\"v{{number}}\"", "\"v7\"", true)]
    [InlineData("\"Hello {{unbound}}\"", "\"Hello {{unbound}}\"", true)]
    public void Values_match_by_the_rules(string expected, string actual, bool matches) => Check(expected, actual, matches);

    [Theory]
    [InlineData("""{"$any": "any"}""", "null", true)]
    [InlineData("""{"$any": "string"}""", "\"\"", true)]
    [InlineData("""{"$any": "nonempty-string"}""", "\"\"", false)]
    [InlineData("""{"$any": "int"}""", "5", true)]
    [InlineData("""{"$any": "int"}""", "5.0", false)]
    [InlineData("""{"$any": "number"}""", "5.5", true)]
    [InlineData("""{"$any": "number"}""", "true", false)]
    [InlineData("""{"$any": "bool"}""", "false", true)]
    [InlineData("""{"$any": "int64-ms"}""", "1700000000000", true)]
    [InlineData("""{"$any": "int64-ms"}""", "1399999999999", false)]
    [InlineData("""{"$any": "int64-ms"}""", "4100000000001", false)]
    [InlineData("""{"$any": "int64-ms"}""", "\"1700000000000\"", false)]
    [InlineData("""{"$after": "{{number}}"}""", "8", true)]
    [InlineData("""{"$after": "{{number}}"}""", "7", false)]
    [InlineData("""{"$int": "{{digits}}"}""", "42", true)]
    [InlineData("""{"$int": "{{digits}}"}""", "\"42\"", false)]
    [InlineData("""{"$json": {"a": {"$any": "int"}}}""", "\"{\\\"a\\\": 3}\"", true)]
    [InlineData("""{"$json": {"a": 1}}""", "\"{\\\"a\\\": 3}\"", false)]
    [InlineData("""{"$json": {"a": 1}}""", "\"not json\"", false)]
    [InlineData("""{"$json": {"a": 1}}""", """{"a": 1}""", false)]
    [InlineData("""{"$regex": "^{{name}}-[0-9]+$"}""", "\"fraud-12\"", true)]
    [InlineData("""{"$regex": "a"}""", "\"bab\"", true)]
    [InlineData("""{"$regex": "^[0-9]+$"}""", "12", false)]
    [InlineData("""{"$message": "no {{name}}"}""", "\"no fraud\"", true)]
    [InlineData("""{"$message": "no"}""", "\"no fraud\"", false)]
    [InlineData("""{"$message_prefix": "no {{name}}"}""", "\"no fraud here\"", true)]
    [InlineData("""{"$message_prefix": "no"}""", "\"yes\"", false)]
    [InlineData("""{"$in": [400, 404]}""", "404", true)]
    [InlineData("""{"$in": [400, 404]}""", "500", false)]
    public void Matchers_match_by_the_rules(string expected, string actual, bool matches) => Check(expected, actual, matches);

    [Theory]
    [InlineData("[1, 2]", "[2, 1]", true)]
    [InlineData("[1, 1]", "[1, 2]", false)]
    [InlineData("[1]", "[1, 1]", false)]
    [InlineData("[1]", "{}", false)]
    // The first fits both elements, the second only one: taking the first that fits would fail.
    [InlineData("""[{"$any": "int"}, 1]""", "[1, 2]", true)]
    [InlineData("""[{"$in": [1, 2]}, {"$in": [2, 3]}, {"$in": [1, 3]}, {"$any": "int"}]""", "[3, 2, 9, 1]", true)]
    [InlineData("""[{"$in": [1, 2]}, {"$in": [1, 2]}, {"$in": [1, 2]}]""", "[1, 2, 3]", false)]
    [InlineData("""["{{name}}", "b"]""", """["b", "fraud"]""", true)]
    public void Unordered_arrays_are_paired_one_to_one(string expected, string actual, bool matches) =>
        Check($$"""{"$unordered": {{expected}}}""", actual, matches);

    [Fact]
    public void A_difference_names_its_place()
    {
        var differences = new JsonMatcher(Bound()).Match(
            Parse("""{"a": [{"b/c": 1}], "d": 1}"""), Parse("""{"a": [{"b/c": 2}], "e": 3}"""));

        Assert.Equal(["/a/0/b~1c: expected 1, got 2", "/d: missing, expected 1", "/e: not expected, got 3"], differences);
    }

    [Fact]
    public void An_unknown_matcher_is_an_error_of_the_recording() =>
        Assert.Throws<FormatException>(() => new JsonMatcher(Bound()).Match(Parse("""{"$nearly": 1}"""), Parse("1")));

    [Theory]
    [InlineData("""{"models": [{"name": "m", "aliases": ["prod"]}]}""", true)]
    [InlineData("""{"models": [{"name": "m"}]}""", true)]
    [InlineData("""{"models": [{"name": "m", "aliases": ["other"]}]}""", false)]
    [InlineData("""{"models": [{"name": "m", "alias": ["prod"]}]}""", false)]
    [InlineData("""{"models": [{"name": "n", "aliases": ["prod"]}]}""", false)]
    [InlineData("""{"models": [{"name": "m"}], "aliases": ["prod"]}""", false)]
    public void An_allowed_difference_opens_its_own_place_only(string actual, bool matches)
    {
        var allowed = new AllowedDifference("a/b", 1, "/models/*/aliases", Parse("""["prod"]"""), "why");

        var differences = new JsonMatcher(Bound(), [allowed]).Match(Parse("""{"models": {"$unordered": [{"name": "m"}]}}"""), Parse(actual));

        Assert.Equal(matches, differences.Count == 0);
    }

    private static void Check(string expected, string actual, bool matches)
    {
        var differences = new JsonMatcher(Bound()).Match(Parse(expected), Parse(actual));
        Assert.Equal(matches, differences.Count == 0);
    }

    private static Variables Bound()
    {
        var variables = new Variables();
        variables.Bind("name", Json.Text("fraud"));
        variables.Bind("digits", Json.Text("42"));
        variables.Bind("number", Json.Number(7));
        return variables;
    }

    private static JsonElement Parse(string json) => JsonElement.Parse(json);
}
