using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Tracking;

public sealed class LogBatchTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task A_batch_writes_metrics_parameters_and_tags()
    {
        var run = await server.NewRunAsync();
        await server.DoAsync("runs/log-batch", JsonNode.Parse(
            $$"""
            {"run_id": "{{run}}",
             "metrics": [{"key": "a", "value": 1, "timestamp": 1, "step": 0}, {"key": "a", "value": 2, "timestamp": 1, "step": 3},
                         {"key": "a", "value": 3, "timestamp": 1, "step": 1}, {"key": "a", "value": 2, "timestamp": 1, "step": 3}],
             "params": [{"key": "p", "value": "v"}, {"key": "empty"}],
             "tags": [{"key": "t", "value": "1"}, {"key": "t", "value": "2"}, {"key": "mlflow.runName", "value": "named"}]}
            """)!);

        var read = await server.GetRunAsync(run);

        Assert.Equal("2", read.Values("metrics")["a"]);
        Assert.Equal(("v", ""), (read.Values("params")["p"], read.Values("params")["empty"]));
        Assert.Equal("2", read.Values("tags")["t"]);
        Assert.Equal("named", (string?)read["info"]!["run_name"]);
    }

    [Fact]
    public async Task A_changed_parameter_refuses_the_whole_batch()
    {
        var run = await server.NewRunAsync();
        await server.DoAsync("runs/log-parameter", new { run_id = run, key = "a", value = "1" });

        var answer = await server.PostAsync("runs/log-batch", new
        {
            run_id = run,
            @params = new[] { new { key = "a", value = "it's" }, new { key = "new", value = "n" } },
            metrics = new[] { new { key = "m", value = 1, timestamp = 1 } },
            tags = new[] { new { key = "t", value = "v" } },
        });

        Assert.Equal(
            $$"""Changing param values is not allowed. Params were already logged='[{'key': 'a', 'old_value': '1', 'new_value': "it's"}]' for run ID='{{run}}'.""",
            answer.Message);
        var read = await server.GetRunAsync(run);
        Assert.Equal(["a"], read.Values("params").Keys);
        Assert.Empty(read.Values("metrics"));
        Assert.False(read.Values("tags").ContainsKey("t"));
    }

    [Theory]
    [InlineData("metrics", 1001, "metrics", 1000)]
    [InlineData("params", 101, "params", 100)]
    [InlineData("tags", 101, "tags", 100)]
    public async Task A_batch_has_a_size(string list, int count, string what, int limit)
    {
        var run = await server.NewRunAsync();
        var body = new JsonObject { ["run_id"] = run, [list] = Entries(count) };

        var answer = await server.PostAsync("runs/log-batch", body);

        Assert.Equal(
            $"A batch logging request can contain at most {limit} {what}. Got {count} {what}. Please split up {what} across multiple requests and try again.",
            answer.Message);
    }

    [Fact]
    public async Task All_entries_count_together()
    {
        var run = await server.NewRunAsync();
        var body = new JsonObject { ["run_id"] = run, ["metrics"] = Entries(950), ["tags"] = Entries(51) };

        var answer = await server.PostAsync("runs/log-batch", body);

        Assert.StartsWith("A batch logging request can contain at most 1000 metrics, params, and tags. Got 1001", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"params": [{"key": "d", "value": "1"}, {"key": "d", "value": "1"}]}""",
        "Duplicate parameter keys have been submitted: ['d']. Please ensure the request contains only one param value per param key.")]
    [InlineData("""{"metrics": [{"key": "ok", "value": 1, "timestamp": 1}, {"key": "b", "value": 1}]}""",
        "Missing value for required parameter 'metrics[1].timestamp'. See the API docs for more information about request parameters.")]
    [InlineData("""{"run_id": "a b"}""", "Invalid value \"a b\" for parameter 'run_id' supplied.")]
    public async Task A_bad_batch_is_refused_in_MLflows_words(string body, string message)
    {
        var json = JsonNode.Parse(body)!;
        json["run_id"] ??= await server.NewRunAsync();

        var answer = await server.PostAsync("runs/log-batch", json);

        Assert.Equal((400, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task A_full_batch_twice_is_stored_once()
    {
        var run = await server.NewRunAsync();
        var body = new JsonObject { ["run_id"] = run, ["metrics"] = Entries(1000) };

        await server.DoAsync("runs/log-batch", body);
        await server.DoAsync("runs/log-batch", body.DeepClone());

        Assert.Equal(1000, (await server.GetRunAsync(run)).Values("metrics").Count);
    }

    [Fact]
    public async Task Parallel_batches_on_one_run_lose_nothing_and_agree_on_the_latest_point()
    {
        const int Writers = 12;
        const int Steps = 5;
        var run = await server.NewRunAsync();

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(WriteAsync));

        var read = await server.GetRunAsync(run);
        Assert.Equal("1104", read.Values("metrics")["shared"]);
        Assert.Equal(Writers + 1, read.Values("metrics").Count);
        Assert.Equal(Writers + 1, read.Values("params").Count);
        Assert.Equal(Writers + 1, read.Values("tags").Count);

        async Task WriteAsync(int writer)
        {
            for (var step = 0; step < Steps; step++)
            {
                await server.DoAsync("runs/log-batch", new
                {
                    run_id = run,
                    metrics = new[]
                    {
                        new { key = "shared", value = (writer * 100) + step, timestamp = 1, step = (writer * 100) + step },
                        new { key = $"own{writer}", value = step, timestamp = 1, step },
                    },
                    @params = new[] { new { key = "shared", value = "same" }, new { key = $"own{writer}", value = "v" } },
                    tags = new[] { new { key = $"own{writer}", value = $"{step}" } },
                });
            }
        }
    }

    [Fact]
    public async Task Of_racing_values_of_one_parameter_exactly_one_is_kept()
    {
        var run = await server.NewRunAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            server.PostAsync("runs/log-parameter", new { run_id = run, key = "p", value = $"{i}" })));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.Equal("INVALID_PARAMETER_VALUE", answer.ErrorCode));
    }

    private static JsonArray Entries(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new JsonObject { ["key"] = $"k{i}", ["value"] = "1", ["timestamp"] = 1, ["step"] = i % 7 })];
}
