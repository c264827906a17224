using System.Text;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Search;
using Xunit;

namespace ModelRegistry.Tests.Http;

public sealed class PageTokenTests
{
    [Fact]
    public void A_token_is_base64_of_an_offset_with_one_space()
    {
        Assert.Equal("eyJvZmZzZXQiOiAyfQ==", PageToken.Encode(2));
        Assert.Equal(123456789, PageToken.Decode(PageToken.Encode(123456789)));
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData("eyJvZmZzZXQiOiAyfQ==", 2)]
    [InlineData("eyJv ZmZz\nZXQi-OiAyfQ==", 2)]
    public void No_token_is_the_start_and_foreign_characters_are_skipped(string? token, long offset) => Assert.Equal(offset, PageToken.Decode(token));

    [Theory]
    [InlineData("""{"offset": -5}""", 0)]
    [InlineData("""{"offset": "7"}""", 7)]
    [InlineData("""{"offset": 7.9}""", 7)]
    [InlineData("""{"offset": 3, "more": 1}""", 3)]
    public void What_python_can_make_a_number_of_is_an_offset(string json, long offset) => Assert.Equal(offset, PageToken.Decode(Pack(json)));

    [Theory]
    [InlineData("""{"offset": 0}""", "Invalid page token, parsed value={'offset': 0}")]
    [InlineData("""{}""", "Invalid page token, parsed value={}")]
    [InlineData("""{"offset": null, "a": [true, "it's"]}""", "Invalid page token, parsed value={'offset': None, 'a': [True, \"it's\"]}")]
    [InlineData("""{"offset": "x"}""", "Invalid page token, not stringable x")]
    [InlineData("nonsense", "Invalid page token, decoded value=b'nonsense'")]
    public void A_token_that_means_nothing_is_refused(string content, string message)
    {
        var refusal = Assert.Throws<ApiException>(() => PageToken.Decode(Pack(content)));

        Assert.Equal((message, ErrorCode.InvalidParameterValue), (refusal.Message, refusal.Code));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("a")]
    public void A_token_that_is_no_base64_is_refused(string token) =>
        Assert.Equal("Invalid page token, could not base64-decode", Assert.Throws<ApiException>(() => PageToken.Decode(token)).Message);

    private static string Pack(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
