using ModelRegistry.Server.Python;
using Xunit;

namespace ModelRegistry.Tests.Python;

public sealed class PercentDecodingTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("%252e%252e", "..")]
    [InlineData("a+b", "a+b")]
    [InlineData("100%", "100%")]
    public void A_text_is_decoded_until_nothing_changes(string text, string expected) => Assert.Equal(expected, PercentDecoding.Fully(text));

    [Fact]
    public void A_plus_is_a_blank_where_it_is_asked_for() => Assert.Equal("a b c", PercentDecoding.Fully("a+b%2Bc", plusIsBlank: true));

    [Fact]
    public void More_layers_than_MLflow_unpacks_are_nobodys_name()
    {
        Assert.Equal("/", PercentDecoding.Fully(Encoded(9)));
        Assert.Null(PercentDecoding.Fully(Encoded(10)));
    }

    private static string Encoded(int layers) => "%" + string.Concat(Enumerable.Repeat("25", layers - 1)) + "2F";
}
