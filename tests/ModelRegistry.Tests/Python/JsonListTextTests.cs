using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;
using Xunit;

namespace ModelRegistry.Tests.Python;

public sealed class JsonListTextTests
{
    [Theory]
    [InlineData(null, "[{\"v\": 1}]")]
    [InlineData("", "[{\"v\": 1}]")]
    [InlineData("[]", "[{\"v\": 1}]")]
    [InlineData("[{\"v\":0}]", "[{\"v\": 0}, {\"v\": 1}]")]
    [InlineData("[{\"v\": 1}]", "[{\"v\": 1}, {\"v\": 1}]")]
    public void An_entry_is_added_at_the_end(string? list, string expected) =>
        Assert.Equal(expected, JsonListText.Append(list, "{\"v\": 1}", "t"));

    [Fact]
    public void A_set_keeps_one_of_each() =>
        Assert.Equal("[ {\"v\":1} ]", JsonListText.Append("[ {\"v\":1} ]", "{\"v\": 1}", "t", isSet: true));

    [Theory]
    [InlineData("{}", "The tag t is not a JSON list.")]
    [InlineData("[", "The tag t is not valid JSON.")]
    public void What_is_no_list_is_named(string list, string message) =>
        Assert.Equal(message, Assert.Throws<ApiException>(() => JsonListText.Append(list, "1", "t")).Message);
}
