using System.Text.Json;
using Xunit;

namespace ModelRegistry.Tests.Recordings;

public sealed class JsonPointerTests
{
    private const string Document =
        """{"a/b": {"~c": 1}, "list": [{"key": "x", "value": 2}, {"key": "y/z", "value": 3}], "text": "{\"d\": [4, 5]}", "none": null}""";

    [Theory]
    [InlineData("/a~1b/~0c", "1")]
    [InlineData("/list/1/value", "3")]
    [InlineData("/list/[key=x]/value", "2")]
    [InlineData("/list/[key=y/z]/value", "3")]
    [InlineData("/text/$json/d/1", "5")]
    [InlineData("/none", "null")]
    [InlineData("/list/2", null)]
    [InlineData("/list/[key=q]", null)]
    [InlineData("/missing/deeper", null)]
    [InlineData("/text/d", null)]
    public void Places_are_found(string place, string? expected) =>
        Assert.Equal(expected, JsonPointer.Find(JsonElement.Parse(Document), place)?.GetRawText());

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public void The_document_itself_has_an_empty_pointer(string place) =>
        Assert.Equal(Document, JsonPointer.Find(JsonElement.Parse(Document), place)?.GetRawText());
}
