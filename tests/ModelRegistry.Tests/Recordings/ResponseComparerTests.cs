using System.Text;
using System.Text.Json;
using Xunit;

namespace ModelRegistry.Tests.Recordings;

public sealed class ResponseComparerTests
{
    [Theory]
    [InlineData("content-type", "application/json", "Application/JSON; charset=utf-8", true)]
    [InlineData("content-type", "application/json", "text/html", false)]
    [InlineData("content-disposition", "attachment; filename=a b.txt", "attachment; filename=\"a b.txt\"", true)]
    [InlineData("content-disposition", "attachment; filename=\"a\\\"b\"", "Attachment; filename*=UTF-8''a%22b", true)]
    [InlineData("content-disposition", "attachment; filename*=UTF-8''%C3%BC+", "attachment; filename=x; filename*=utf-8''%c3%bc%2B", true)]
    [InlineData("content-disposition", "attachment; filename=a", "inline; filename=a", false)]
    [InlineData("content-disposition", "attachment; filename=a", "attachment; filename=b", false)]
    [InlineData("x-other", "{{v}}-1", "abc-1", true)]
    [InlineData("x-other", "a", "A", false)]
    public void Headers_are_compared_by_their_meaning(string name, string expected, string actual, bool matches)
    {
        var response = new RecordedResponse
        {
            Status = Json.Number(200),
            Headers = new Dictionary<string, JsonElement> { [name] = Json.Text(expected) },
        };

        var differences = Comparer().CompareHeaders(response, new WireResponse(200, new Dictionary<string, string> { [name] = actual }, []));

        Assert.Equal(matches, differences.Count == 0);
    }

    [Theory]
    [InlineData("""{"$empty": true}""", "", true)]
    [InlineData("""{"$empty": true}""", "x", false)]
    [InlineData("""{"$any": "any"}""", "<html>", true)]
    [InlineData("""{"$any": "nonempty-text"}""", " \n", false)]
    [InlineData("""{"$any": "nonempty-text"}""", "x", true)]
    [InlineData("""{"$text": "OK {{v}}"}""", "OK abc", true)]
    [InlineData("""{"$text": "OK"}""", "OK\n", false)]
    [InlineData("{}", "not json", false)]
    [InlineData("{}", "{} {}", false)]
    [InlineData("{}", " {} ", true)]
    public void Bodies_are_compared_as_bytes_or_json(string expected, string actual, bool matches) =>
        Assert.Equal(matches, Comparer().CompareBody(JsonElement.Parse(expected), Encoding.UTF8.GetBytes(actual)).Count == 0);

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n1;x=y\r\n!\r\n0\r\n\r\n", "hi!")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nto the end", "to the end")]
    public void Answers_are_read_whole(string answer, string body) =>
        Assert.Equal(body, Encoding.UTF8.GetString(WireResponseReader.Read(Encoding.UTF8.GetBytes(answer), "GET").Body));

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")]
    [InlineData("HTTP/1.1 200")]
    public void An_answer_that_is_cut_short_is_an_error(string answer) =>
        Assert.Throws<IOException>(() => WireResponseReader.Read(Encoding.UTF8.GetBytes(answer), "GET"));

    private static ResponseComparer Comparer()
    {
        var variables = new Variables();
        variables.Bind("v", Json.Text("abc"));
        return new ResponseComparer(variables, new JsonMatcher(variables));
    }
}
