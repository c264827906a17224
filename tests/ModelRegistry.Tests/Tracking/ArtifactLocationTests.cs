using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking;
using Xunit;

namespace ModelRegistry.Tests.Tracking;

public sealed class ArtifactLocationTests
{
    // Expected values come from MLflow's own function.
    [Theory]
    [InlineData("mlflow-artifacts:/", "mlflow-artifacts:/7")]
    [InlineData("mlflow-artifacts:/root", "mlflow-artifacts:/root/7")]
    [InlineData("mlflow-artifacts:/root/", "mlflow-artifacts:/root/7")]
    [InlineData("mlflow-artifacts://host:5/root", "mlflow-artifacts://host:5/root/7")]
    [InlineData("s3://bucket", "s3://bucket/7")]
    [InlineData("s3://bucket/p?x=1", "s3://bucket/p/7?x=1")]
    [InlineData("file:///a/b", "file:///a/b/7")]
    [InlineData("file:/a/b", "file:///a/b/7")]
    [InlineData("file:a/b", "file:a/b/7")]
    [InlineData("/a/b", "/a/b/7")]
    [InlineData("a/b", "a/b/7")]
    [InlineData("dbfs:/x", "dbfs:/x/7")]
    public void Segments_go_to_the_end_of_the_path(string root, string expected) => Assert.Equal(expected, ArtifactLocation.Append(root, "7"));

    [Fact]
    public void Relative_local_places_are_made_absolute()
    {
        var here = Directory.GetCurrentDirectory();

        Assert.Equal($"{here}/x/y", ArtifactLocation.Resolve("./x//y"));
        Assert.Equal($"file://{here}/x", ArtifactLocation.Resolve("file:x"));
        Assert.Equal("/x", ArtifactLocation.Resolve("/x"));
        Assert.Equal("s3://b/x", ArtifactLocation.Resolve("s3://b/x"));
        Assert.Equal("file://localhost/x", ArtifactLocation.Resolve("file://localhost/x"));
    }

    [Theory]
    [InlineData("s3://b#f", "'artifact_location' URL can't include fragments or params.")]
    [InlineData("http://h/a;p", "'artifact_location' URL can't include fragments or params.")]
    [InlineData("s3://b?x=%252e%252e", "Invalid query string")]
    [InlineData("runs:/x", "Artifact location cannot be a runs:/ URI. Given: 'runs:/x'")]
    public void Places_that_cannot_be_are_refused(string location, string message)
    {
        var error = Assert.Throws<ApiException>(() => ArtifactLocation.Check(location, "artifact_location", 100));
        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData("s3://b/../x")]
    [InlineData("s3://b/x;p")]
    [InlineData("http://h/a;")]
    [InlineData("foo/bar")]
    public void Other_places_are_accepted(string location) => ArtifactLocation.Check(location, "artifact_location", 100);
}
