using System.Text;
using System.Text.Json;
using Xunit;

namespace ModelRegistry.Tests.Recordings;

public sealed class RequestWriterTests
{
    [Fact]
    public void Paths_go_out_as_they_are_and_queries_are_encoded()
    {
        var request = Write("""
            {"method": "GET", "path": "/a/%2e%2e/../x%252f//{{v}}", "query": {"filter": "a = 'ü' & b/c", "k[]": ["1", "{{v}}"]}}
            """);

        Assert.Equal("/a/%2e%2e/../x%252f//17?filter=a%20%3D%20%27%C3%BC%27%20%26%20b%2Fc&k%5B%5D=1&k%5B%5D=17", request.Target);
        Assert.Null(request.Body);
    }

    [Theory]
    [InlineData("""{"$text": "v={{v}}, ü {{other}}"}""", "v=17, ü {{other}}")]
    [InlineData("""{"$base64": "aGk="}""", "hi")]
    [InlineData("""{"$hex": "68{{v}}"}""", "h\u0017")]
    [InlineData("""{"$concat": [{"$text": "a"}, {"$hex": "62"}]}""", "ab")]
    [InlineData("null", "null")]
    [InlineData("""{"a": "{{v}}"}""", """{"a":17}""")]
    [InlineData("""{"$text": "a", "b": 1}""", """{"$text":"a","b":1}""")]
    public void Bodies_are_json_or_described_bytes(string body, string expected)
    {
        var request = Write($$"""{"method": "POST", "path": "/", "body": {{body}}}""");

        Assert.Equal(expected, Encoding.UTF8.GetString(request.Body!));
    }

    [Fact]
    public void Generated_bytes_are_those_of_SplitMix64()
    {
        Assert.Equal("c15c0289ec2d0a9167ec8e65a18debbe", Convert.ToHexStringLower(GeneratedBytes.Create(1, 16)));
        Assert.Equal("c15c0289ec", Convert.ToHexStringLower(GeneratedBytes.Create(1, 5)));
    }

    private static WireRequest Write(string request)
    {
        var variables = new Variables();
        variables.Bind("v", Json.Number(17));
        var step = $$"""{"name": "n", "area": "a", "steps": [{"request": {{request}}, "response": {"status": 200} }]}""";
        return RequestWriter.Write(Recording.Parse(step).Steps[0].Request, variables);
    }
}
