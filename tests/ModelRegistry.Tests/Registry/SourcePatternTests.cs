using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Registry;

public sealed class SourcePatternTests(SourcePatternTests.PatternFixture server) : IClassFixture<SourcePatternTests.PatternFixture>
{
    [Fact]
    public async Task A_source_has_to_match_the_operators_pattern()
    {
        await server.PostAsync("registered-models/create", new { name = "m" });

        var good = await server.PostAsync("model-versions/create", new { name = "m", source = "s3://ours/a" });
        var bad = await server.PostAsync("model-versions/create", new { name = "m", source = "s3://theirs/a" });

        Assert.Equal(200, good.Status);
        Assert.Equal("Invalid model version source: 's3://theirs/a'.", bad.Message);
    }

    [Fact]
    public async Task A_pattern_that_is_none_stops_the_start()
    {
        var error = await Assert.ThrowsAsync<StartupException>(() => ServerApp.BuildAsync(server.WithPattern("(")));

        Assert.StartsWith("MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX", error.Message, StringComparison.Ordinal);
    }

    public sealed class PatternFixture : ServerFixture
    {
        internal override ServerOptions Options => WithPattern("^s3://ours/");

        internal ServerOptions WithPattern(string pattern) => base.Options with { ModelVersionSourcePattern = pattern };
    }
}
