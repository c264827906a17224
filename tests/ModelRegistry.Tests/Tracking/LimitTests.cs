using System.Text.Json.Nodes;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Tests.Traces;
using Xunit;

namespace ModelRegistry.Tests.Tracking;

/// <summary>A server whose limits were set: long values are refused instead of cut, and locations are short.</summary>
public sealed class LimitedServer : ServerFixture
{
    internal override ServerOptions Options => base.Options with { TruncateLongValues = false, MaxArtifactLocation = 60 };
}

public sealed class LimitTests(LimitedServer server) : IClassFixture<LimitedServer>
{
    private const string Refusal =
        "Invalid artifact path length. The length of the artifact path cannot be greater than 60 characters."
        + " To configure this limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable.";

    [Theory]
    [InlineData("runs/log-parameter", 6000, "Param value")]
    [InlineData("runs/set-tag", 8000, "value")]
    public async Task A_value_that_is_too_long_is_refused(string call, int limit, string what)
    {
        var run = await server.NewRunAsync();
        var pair = Repeated("𝄞", limit);

        await server.DoAsync(call, new { run_id = run, key = "fits", value = pair });
        var answer = await server.PostAsync(call, new { run_id = run, key = "long", value = pair + "x" });

        Assert.Equal((400, $"'{what}' exceeds the maximum length of {limit} characters"), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("params", 6001, "'Param value' exceeds the maximum length of 6000 characters")]
    [InlineData("tags", 8001, "'tags[0].value' exceeds the maximum length of 8000 characters")]
    public async Task Nothing_of_a_batch_with_a_long_value_is_kept(string list, int length, string message)
    {
        var run = await server.NewRunAsync();
        var body = new JsonObject
        {
            ["run_id"] = run,
            ["metrics"] = new JsonArray(new JsonObject { ["key"] = "m", ["value"] = 1, ["timestamp"] = 1 }),
            [list] = new JsonArray(new JsonObject { ["key"] = "k", ["value"] = Repeated("x", length) }),
        };

        var answer = await server.PostAsync("runs/log-batch", body);

        Assert.Equal((400, message), (answer.Status, answer.Message));
        Assert.Empty((await server.GetRunAsync(run)).Values("metrics"));
    }

    [Fact]
    public async Task The_tag_of_a_trace_is_refused_too()
    {
        var traceId = await server.NewTraceAsync();

        var answer = await server.SendAsync(HttpMethod.Patch, $"{TraceCalls.Route}/{traceId}/tags", new { key = "k", value = Repeated("x", 8001) });

        Assert.Equal((400, "'value' exceeds the maximum length of 8000 characters"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task The_location_of_an_experiment_is_as_long_as_the_limit_says()
    {
        var fits = "s3://" + Repeated("b", 55);

        await server.DoAsync("experiments/create", new { name = TrackingCalls.UniqueName(), artifact_location = fits });
        var refused = await server.PostAsync("experiments/create", new { name = TrackingCalls.UniqueName(), artifact_location = fits + "b" });

        Assert.Equal((400, Refusal), (refused.Status, refused.Message));
    }

    [Fact]
    public async Task And_so_is_the_artifact_root_of_a_workspace()
    {
        await using var workspaces = await StartedServer.StartAsync(options => options with { MaxArtifactLocation = 60, EnableWorkspaces = true });
        const string call = "/api/3.0/mlflow/workspaces";
        var fits = "s3://" + Repeated("b", 55);

        Assert.Equal(201, await workspaces.PostAsync(call, $$"""{"name": "short", "default_artifact_root": "{{fits}}"}"""));
        Assert.Equal(400, await workspaces.PostAsync(call, $$"""{"name": "long", "default_artifact_root": "{{fits}}b"}"""));
    }

    private static string Repeated(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
