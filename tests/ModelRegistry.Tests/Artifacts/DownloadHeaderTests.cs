using ModelRegistry.Server.Artifacts;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

public sealed class DownloadHeaderTests
{
    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=2-4", 2, 3)]
    [InlineData("bytes=5-", 5, 5)]
    [InlineData("bytes=-3", 7, 3)]
    [InlineData("bytes=-30", 0, 10)]
    [InlineData("bytes=8-99", 8, 2)]
    [InlineData("bytes=9-9", 9, 1)]
    public void A_range_is_cut_to_the_file(string header, long offset, long length)
    {
        Assert.True(ByteRange.TryParse(header, 10, out var range));
        Assert.Equal(new ByteRange(offset, length), range);
    }

    [Theory]
    [InlineData("bytes=10-", 10)]
    [InlineData("bytes=99-100", 10)]
    [InlineData("bytes=-0", 10)]
    [InlineData("bytes=0-0", 0)]
    [InlineData("bytes=-1", 0)]
    public void A_range_behind_the_end_cannot_be_had(string header, long size)
    {
        Assert.True(ByteRange.TryParse(header, size, out var range));
        Assert.Null(range);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=4-2")]
    [InlineData("lines=0-1")]
    [InlineData("bytes=0-1,4-5")]
    public void Anything_else_asks_for_the_whole_file(string? header) => Assert.False(ByteRange.TryParse(header, 10, out _));

    [Theory]
    [InlineData("f.log", "text/plain")]
    [InlineData("f.yaml", "text/plain")]
    [InlineData("MLmodel", "text/plain")]
    [InlineData("MLproject", "application/octet-stream")]
    [InlineData("mlproject", "text/plain")]
    [InlineData("MLMODEL", "application/octet-stream")]
    [InlineData("conda.yaml", "text/plain")]
    [InlineData("f.js", "text/plain")]
    [InlineData("f.JSON", "application/json")]
    [InlineData("f.html", "text/html")]
    [InlineData("f.png", "image/png")]
    [InlineData("f.pdf", "application/pdf")]
    [InlineData("f.svg", "image/svg+xml")]
    [InlineData("f.pt", "application/vnd.snesdev-page-table")]
    [InlineData("f.parquet", "application/vnd.apache.parquet")]
    [InlineData("f.pkl", "application/octet-stream")]
    [InlineData("f.gz", "application/octet-stream")]
    [InlineData("f.tar.gz", "application/x-tar")]
    [InlineData("f.csv.gz", "text/csv")]
    [InlineData(".txt", "application/octet-stream")]
    [InlineData("f.", "application/octet-stream")]
    [InlineData("", "application/octet-stream")]
    public void The_name_alone_says_the_content_type(string name, string type) => Assert.Equal(type, ContentTypes.Of(name));

    [Theory]
    [InlineData("a.txt", "attachment; filename=a.txt")]
    [InlineData("a b.txt", "attachment; filename=\"a b.txt\"")]
    [InlineData("a\"b\\c", "attachment; filename=\"a\\\"b\\\\c\"")]
    [InlineData("ü 日.txt", "attachment; filename=\"_ _.txt\"; filename*=UTF-8''%C3%BC%20%E6%97%A5.txt")]
    public void A_download_is_always_an_attachment_with_its_name(string name, string header) =>
        Assert.Equal(header, ContentDisposition.Attachment(name));

    [Theory]
    [InlineData("semi;colon \"x\".txt", "attachment; filename=semi;colon \"x\".txt")]
    [InlineData("é", "attachment; filename=_; filename*=UTF-8''%C3%A9")]
    public void The_proxy_sends_the_name_bare_when_a_header_can_hold_it(string name, string header) =>
        Assert.Equal(header, ContentDisposition.BareAttachment(name));
}
