using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Python;
using Xunit;

namespace ModelRegistry.Tests.Http;

public sealed class KeyRulesTests
{
    [Theory]
    [InlineData("", ".")]
    [InlineData("a//b", "a/b")]
    [InlineData("a/./b/", "a/b")]
    [InlineData("a/../../b", "../b")]
    [InlineData("/../a", "/a")]
    [InlineData("//a", "//a")]
    [InlineData("///a", "/a")]
    [InlineData("..", "..")]
    [InlineData("a b", "a b")]
    public void Paths_are_normalised_by_text_alone(string path, string expected) =>
        Assert.Equal(expected, KeyRules.Normalize(path));

    [Theory]
    [InlineData("loss")]
    [InlineData("train/loss.1 - x:y_z")]
    [InlineData("größe")]
    [InlineData("𝒳")]
    [InlineData("a...b")]
    [InlineData(".hidden")]
    [InlineData("a\n")]
    public void Good_keys_pass(string key) => KeyRules.Check(key, "key");

    [Theory]
    [InlineData("a,b", "Invalid value \"a,b\" for parameter 'key' supplied: Names may only contain")]
    [InlineData("é!", "Invalid value \"\\u00e9!\" for parameter 'key' supplied: Names may only contain")]
    [InlineData("", "This name would resolve to '.'")]
    [InlineData("a\\b", "Names may only contain")]
    [InlineData("..a", "This name would resolve to '..a'")]
    [InlineData("a/../b", "This name would resolve to 'b'")]
    [InlineData("../a", "This name would resolve to '../a'")]
    [InlineData("/a", "This name would resolve to '/a'")]
    [InlineData("a//b", "This name would resolve to 'a/b'")]
    public void Bad_keys_are_refused_with_the_reason(string key, string reason)
    {
        var error = Assert.Throws<ApiException>(() => KeyRules.Check(key, "key"));

        Assert.Equal("INVALID_PARAMETER_VALUE", error.Code.Name);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lengths_count_code_points()
    {
        KeyRules.CheckLength("key", "𝒳𝒳", 2);

        var error = Assert.Throws<ApiException>(() => KeyRules.CheckLength("key", "𝒳𝒳a", 2));
        Assert.Equal("'key' exceeds the maximum length of 2 characters", error.Message);
    }

    [Fact]
    public void Values_are_cut_between_code_points() => Assert.Equal("𝒳𝒳", KeyRules.Truncate("𝒳𝒳a", 2));

    [Theory]
    [InlineData(1, "1.0")]
    [InlineData(-2.5, "-2.5")]
    [InlineData(1.5e-7, "1.5e-07")]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.NegativeInfinity, "-inf")]
    public void Numbers_print_as_in_Python(double value, string text) => Assert.Equal(text, PythonText.Repr(value));
}
