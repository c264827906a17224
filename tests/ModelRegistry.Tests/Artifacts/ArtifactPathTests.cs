using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

public sealed class ArtifactPathTests
{
    public static TheoryData<string> Refused => ArtifactCases.Refused();

    public static TheoryData<string, string> Accepted => ArtifactCases.Accepted();

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_path_that_might_lead_out_is_refused(string raw)
    {
        var error = Assert.Throws<ApiException>(() => ArtifactPath.Parse(raw));
        Assert.Equal(("INVALID_PARAMETER_VALUE", "Invalid path"), (error.Code.Name, error.Message));
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Any_other_name_is_a_name(string raw, string key) => Assert.Equal(key, ArtifactPath.Parse(raw).Key);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Reading_what_was_read_changes_nothing(string raw, string key) =>
        Assert.Equal(key, ArtifactPath.Parse(ArtifactPath.Parse(raw).Key).Key);

    [Fact]
    public void No_mixture_of_tricks_gets_past_the_checks()
    {
        string[] pieces = ["..", ".", "/", "\\", "%2e", "%2f", "%5c", "%25", "%00", "#", ":", "C", "file:", "a", "%c0%ae", "?", " ", "2e", "2f"];
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var raw = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            ArtifactPath path;
            try
            {
                path = ArtifactPath.Parse(raw);
            }
            catch (ApiException)
            {
                continue;
            }

            Assert.DoesNotContain(path.Segments, segment => segment is ".." or "." or "" || segment.Contains('/') || segment.Contains('\0'));
            Assert.StartsWith("/root/", Path.GetFullPath(Path.Combine(["/root/", .. path.Segments])) + "/", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_path_below_another_keeps_the_spelling_of_the_client()
    {
        var path = ArtifactPath.Parse("1/run/artifacts/").Join(ArtifactPath.Parse("./d//x.txt"));

        Assert.Equal(("1/run/artifacts/d/x.txt", "x.txt", "1/run/artifacts/d"), (path.Key, path.Name, path.Parent.Key));
    }

    [Theory]
    [InlineData("a/b", true)]
    [InlineData("a/b/", false)]
    [InlineData("", false)]
    [InlineData("./", false)]
    public void Only_a_name_without_slash_behind_it_can_be_a_file(string raw, bool isFile) => Assert.Equal(isFile, ArtifactPath.Parse(raw).IsFile);

    [Theory]
    [InlineData("/api/2.0/mlflow-artifacts/artifacts/a/%2e%2e/b", "a/%2e%2e/b")]
    [InlineData("/ajax-api/2.0/mlflow-artifacts/artifacts//x", "/x")]
    [InlineData("/prefix/api/2.0/mlflow-artifacts/artifacts/..", "..")]
    [InlineData("/api/2.0/preview/mlflow-artifacts/presigned/x", "x")]
    [InlineData("/api/2.0/mlflow-artifacts/mpu/create/x", "x")]
    [InlineData("/api/2.0/mlflow-artifacts/artifacts/m/mlflow-artifacts/artifacts/x", "m/mlflow-artifacts/artifacts/x")]
    [InlineData("/api/2.0/mlflow-artifacts/artifacts", null)]
    [InlineData("/api/2.0/mlflow/runs/get", null)]
    [InlineData("/mlflow-artifacts/artifacts/x", null)]
    public void The_path_of_a_proxy_call_is_taken_from_the_request_line(string line, string? raw) =>
        Assert.Equal(raw, ArtifactTarget.Find(line)?.Raw);
}
