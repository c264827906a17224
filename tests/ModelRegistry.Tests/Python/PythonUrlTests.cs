using ModelRegistry.Server.Python;
using Xunit;

namespace ModelRegistry.Tests.Python;

public sealed class PythonUrlTests
{
    [Theory]
    [InlineData("s3://bucket/a/b", "s3", "bucket", "/a/b")]
    [InlineData("S3:/a", "s3", "", "/a")]
    [InlineData("/etc/passwd", "", "", "/etc/passwd")]
    [InlineData("file:///etc", "file", "", "/etc")]
    [InlineData("models:/m-1", "models", "", "/m-1")]
    [InlineData("relative:path", "relative", "", "path")]
    [InlineData("1a:b", "", "", "1a:b")]
    [InlineData("a b:c", "", "", "a b:c")]
    [InlineData(" \thttp://h/\tx\n", "http", "h", "/x")]
    [InlineData("s3://bucket", "s3", "bucket", "")]
    public void A_uri_has_scheme_authority_and_path(string url, string scheme, string authority, string path)
    {
        var parsed = PythonUrl.Parse(url);

        Assert.Equal((scheme, authority, path), (parsed.Scheme, parsed.Authority, parsed.Path));
    }

    [Fact]
    public void Params_are_seen_only_in_schemes_that_use_them()
    {
        Assert.Equal(("/x", "p", "q", "f"), Tail("http://b/x;p?q#f"));
        Assert.Equal(("/x;p", "", "q", "f"), Tail("s3://b/x;p?q#f"));
        Assert.Equal(("/a;b/x", "", "", ""), Tail("http://b/a;b/x"));
    }

    [Theory]
    [InlineData("http://User@Host:80/x", "host")]
    [InlineData("http://[::1]:80/x", "::1")]
    [InlineData("file:///x", null)]
    public void The_host_is_bare_and_lower_case(string url, string? host) => Assert.Equal(host, PythonUrl.Parse(url).Host);

    /// <summary>As CPython's <c>urlunparse(urlparse(text))</c> has it.</summary>
    [Theory]
    [InlineData("s3://bucket/a?x=1#f", "s3://bucket/a?x=1#f")]
    [InlineData("http://h/a;p?q", "http://h/a;p?q")]
    [InlineData("hdl://h/a;p", "hdl://h/a;p")]
    [InlineData("S3:/a", "s3:/a")]
    [InlineData("file:/x", "file:///x")]
    [InlineData("file:///x", "file:///x")]
    [InlineData("/plain/path", "/plain/path")]
    public void A_uri_is_put_together_again(string url, string expected) => Assert.Equal(expected, PythonUrl.Parse(url).ToString());

    [Theory]
    [InlineData("/x", true)]
    [InlineData("file:///x", true)]
    [InlineData("file://LOCALHOST/x", true)]
    [InlineData("file://./x", true)]
    [InlineData("file://127.0.0.1/x", true)]
    [InlineData("file://nas/x", false)]
    public void A_uri_without_a_host_is_of_this_one(string url, bool isOfThisHost) => Assert.Equal(isOfThisHost, PythonUrl.Parse(url).IsOfThisHost);

    private static (string Path, string Params, string Query, string Fragment) Tail(string url)
    {
        var parsed = PythonUrl.Parse(url);
        return (parsed.Path, parsed.Params, parsed.Query, parsed.Fragment);
    }
}
