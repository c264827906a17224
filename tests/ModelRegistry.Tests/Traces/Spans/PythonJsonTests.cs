using ModelRegistry.Server.Python;
using Xunit;

namespace ModelRegistry.Tests.Traces.Spans;

public sealed class PythonJsonTests
{
    [Theory]
    [InlineData("""{"b":1,"a":[true,null,2.50,"x"]}""", """{"b": 1, "a": [true, null, 2.5, "x"]}""")]
    [InlineData("1", "1")]
    [InlineData("1.0", "1.0")]
    [InlineData("1e3", "1000.0")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("\"h\u00e9 \ud83d\ude00 \\n\"", "\"h\\u00e9 \\ud83d\\ude00 \\n\"")]
    [InlineData("{}", "{}")]
    [InlineData("[]", "[]")]
    public void A_value_is_spelled_as_Python_spells_it(string json, string expected)
    {
        Assert.True(PythonJson.TryParse(json, out var value));
        Assert.Equal(expected, PythonJson.Dump(value));
    }

    [Fact]
    public void Text_outside_ASCII_can_stay_as_it_is() =>
        Assert.Equal("\"h\u00e9\\u0001\\\"\"", PythonJson.Dump("h\u00e9\u0001\"", ascii: false));

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.NegativeInfinity, "-Infinity")]
    public void Numbers_that_JSON_has_not_are_spelled_out(double number, string expected) => Assert.Equal(expected, PythonJson.Dump(number));

    [Theory]
    [InlineData("null", false)]
    [InlineData("0", false)]
    [InlineData("0.0", false)]
    [InlineData("\"\"", false)]
    [InlineData("[]", false)]
    [InlineData("{}", false)]
    [InlineData("\"0\"", true)]
    [InlineData("[0]", true)]
    public void Emptiness_is_that_of_Python(string json, bool expected) => Assert.Equal(expected, PythonJson.IsTruthy(PythonJson.ParseOrKeep(json)));

    [Fact]
    public void What_is_no_JSON_is_kept_as_a_text() => Assert.Equal("tr-1", PythonJson.ParseOrKeep("tr-1"));
}
