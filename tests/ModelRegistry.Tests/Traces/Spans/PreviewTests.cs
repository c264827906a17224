using ModelRegistry.Server.Traces.Spans;
using Xunit;

namespace ModelRegistry.Tests.Traces.Spans;

public sealed class PreviewTests
{
    [Theory]
    [InlineData("""{"q": 1}""", """{"q": 1}""")]
    [InlineData("no json", "no json")]
    [InlineData("""{"messages": [{"role": "user", "content": "first"}, {"role": "user", "content": "second"}, {"role": "system", "content": "s"}]}""", "second")]
    [InlineData("""{"messages": [{"role": "system", "content": "only"}]}""", "only")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "in parts"}]}]}""", "in parts")]
    [InlineData("""{"input": [{"role": "user", "content": "to responses"}]}""", "to responses")]
    [InlineData("""{"request": {"input": [{"role": "user", "content": "to an agent"}]}}""", "to an agent")]
    [InlineData("""{"choices": [{"message": {"role": "assistant", "content": "chosen"}}]}""", "chosen")]
    [InlineData("""{"messages": ["odd"]}""", """{"messages": ["odd"]}""")]
    [InlineData("""{"messages": [{"role": "user", "content": ""}]}""", """{"messages": [{"role": "user", "content": ""}]}""")]
    public void The_last_message_of_the_role_is_shown_or_the_value_itself(string json, string expected) =>
        Assert.Equal(expected, Preview.Of(json, "user"));

    [Fact]
    public void It_is_cut_to_what_the_column_holds()
    {
        Assert.Equal(new string('x', 1000), Preview.Of(new string('x', 1000), "user"));
        Assert.Equal(new string('x', 997) + "...", Preview.Of(new string('x', 1001), "user"));
        Assert.Equal(string.Concat(Enumerable.Repeat("\ud83d\ude00", 1000)), Preview.Of(string.Concat(Enumerable.Repeat("\ud83d\ude00", 1000)), "user"));
    }

    [Fact]
    public void Of_nothing_there_is_none() => Assert.Null(Preview.Of(null, "user"));
}
