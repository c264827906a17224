using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;
using static ModelRegistry.Tests.Traces.TraceCalls;

namespace ModelRegistry.Tests.Traces;

/// <summary>Tags, links, deletion and metrics.</summary>
public sealed class TraceChangeTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private static readonly string[] Prompt = ["p"];

    [Theory]
    [InlineData("2.0")]
    [InlineData("3.0")]
    public async Task A_tag_is_set_overwritten_and_deleted(string version)
    {
        var traceId = await server.NewTraceAsync();
        var path = $"/api/{version}/mlflow/traces/{traceId}/tags";

        foreach (var value in (string[])["a", "b"])
            Assert.Equal("{}", (await server.SendAsync(HttpMethod.Patch, path, new { key = "tk", value })).Text);
        Assert.Equal("b", (string?)(await server.TraceInfoAsync(traceId))["tags"]!["tk"]);

        Assert.Equal("{}", (await server.SendAsync(HttpMethod.Delete, path, new { key = "tk" })).Text);
        Assert.Null((await server.TraceInfoAsync(traceId))["tags"]!["tk"]);
        Missing(await server.SendAsync(HttpMethod.Delete, path, new { key = "tk" }), $"No trace tag with key 'tk' for trace with ID '{traceId}'");
    }

    [Fact]
    public async Task A_long_value_of_a_tag_is_shown_cut_and_a_long_key_is_refused()
    {
        var traceId = await server.NewTraceAsync();
        var path = $"{Route}/{traceId}/tags";
        await TrackingSteps.OkAsync(server.SendAsync(HttpMethod.Patch, path, new { key = "tl", value = new string('t', 8001) }));
        Assert.Equal(new string('t', 4096), (string?)(await server.TraceInfoAsync(traceId))["tags"]!["tl"]);
        Invalid(
            await server.SendAsync(HttpMethod.Patch, path, new { key = new string('t', 251), value = "v" }),
            "'key' exceeds the maximum length of 250 characters");
    }

    [Fact]
    public async Task An_unknown_trace_takes_no_tag()
    {
        var answer = await server.SendAsync(HttpMethod.Patch, $"{Route}/tr-nope/tags", new { key = "t", value = "v" });
        Assert.Equal((400, "BAD_REQUEST"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task The_key_of_a_deleted_tag_is_read_from_the_body() => Invalid(
        await server.SendAsync(HttpMethod.Delete, $"{Route}/tr-x/tags?key=tk"),
        "Missing value for required parameter 'key'. See the API docs for more information about request parameters.");

    [Fact]
    public async Task A_trace_linked_to_a_run_is_found_by_it()
    {
        var experiment = await server.NewExperimentAsync();
        var (traceId, run) = (await server.NewTraceAsync(experiment), await server.NewRunAsync(experiment));
        await server.NewTraceAsync(experiment);
        for (var i = 0; i < 2; i++)
            Assert.Equal("{}", (await server.PostAsync("traces/link-to-run", new { trace_ids = new[] { traceId }, run_id = run })).Text);
        Assert.Equal([traceId], await server.FindTracesAsync(experiment, $"run_id = '{run}'"));
    }

    [Fact]
    public async Task At_most_100_traces_are_linked_at_once()
    {
        var ids = Enumerable.Range(0, 101).Select(i => $"t{i}").ToList();
        Invalid(
            await server.PostAsync("traces/link-to-run", new { trace_ids = ids, run_id = "r" }),
            "Cannot link more than 100 traces to a run in a single request. Provided 101 traces.");
        Assert.Equal("{}", (await server.PostAsync("traces/link-to-run", new { trace_ids = ids[..100], run_id = "r" })).Text);
    }

    [Fact]
    public async Task A_trace_linked_to_a_prompt_is_found_by_it()
    {
        var experiment = await server.NewExperimentAsync();
        var traceId = await server.NewTraceAsync(experiment);
        for (var i = 0; i < 2; i++)
        {
            var answer = await server.PostAsync(
                "traces/link-prompts", new { trace_id = traceId, prompt_versions = Prompt.Select(name => new { name, version = "1" }) });
            Assert.Equal((200, "{}"), (answer.Status, answer.Text));
        }

        Assert.Equal([traceId], await server.FindTracesAsync(experiment, "prompt = 'p/1'"));
        Assert.Empty(await server.FindTracesAsync(experiment, "prompt = 'p/2'"));
    }

    [Fact]
    public async Task Links_are_of_version_2_only()
    {
        Assert.Equal(405, (await server.PostAsync($"{Route}/link-to-run", new { trace_ids = Prompt, run_id = "r" })).Status);
        Assert.Equal(405, (await server.PostAsync($"{Route}/link-prompts", new { trace_id = "t" })).Status);
    }

    [Theory]
    [InlineData("/api/3.0/mlflow/traces/delete-traces")]
    [InlineData("/api/2.0/mlflow/traces/delete-traces")]
    public async Task Traces_are_deleted_by_id(string path)
    {
        var experiment = await server.NewExperimentAsync();
        var (gone, kept) = (await server.NewTraceAsync(experiment), await server.NewTraceAsync(experiment));
        await server.AssessAsync(gone, """{"assessment_name": "e", "source": {"source_type": "HUMAN"}, "expectation": {"value": 1}}""");

        var answer = await server.DoAsync(path, new { experiment_id = experiment, request_ids = new[] { gone, "tr-nope" } });

        Assert.Equal(1, (int)answer["traces_deleted"]!);
        Assert.Equal([kept], await server.FindTracesAsync(experiment));
        Missing(await server.GetAsync($"{Route}/{gone}"), $"Trace with ID '{gone}' not found.");
        Assert.Equal(0, (int)(await server.DoAsync(path, new { experiment_id = experiment, request_ids = new[] { gone } }))["traces_deleted"]!);
    }

    [Fact]
    public async Task A_trace_of_another_experiment_is_not_deleted()
    {
        var traceId = await server.NewTraceAsync();
        var answer = await server.DoAsync(
            $"{Route}/delete-traces", new { experiment_id = await server.NewExperimentAsync(), request_ids = new[] { traceId } });
        Assert.Equal(0, (int)answer["traces_deleted"]!);
        Assert.Equal(traceId, (string?)(await server.TraceInfoAsync(traceId))["trace_id"]);
    }

    [Fact]
    public async Task The_oldest_traces_are_deleted_first()
    {
        var experiment = await server.NewExperimentAsync();
        var ids = new List<string>();
        for (var second = 1; second <= 4; second++)
            ids.Add(await server.NewTraceAsync(experiment, $"1970-01-01T00:00:0{second}Z"));

        var one = await server.DoAsync("traces/delete-traces", new { experiment_id = experiment, max_timestamp_millis = 9999999999999, max_traces = 1 });
        Assert.Equal(1, (int)one["traces_deleted"]!);
        Assert.Equal([ids[3], ids[2], ids[1]], await server.FindTracesAsync(experiment));

        var upTo3 = await server.DoAsync("traces/delete-traces", new { experiment_id = experiment, max_timestamp_millis = 3000 });
        Assert.Equal(2, (int)upTo3["traces_deleted"]!);
        Assert.Equal([ids[3]], await server.FindTracesAsync(experiment));
    }

    [Theory]
    [InlineData("""{}""", "Either `max_timestamp_millis` or `trace_ids` must be specified.")]
    [InlineData("""{"request_ids": ["t"], "max_timestamp_millis": 5}""", "Only one of `max_timestamp_millis` and `trace_ids` can be specified.")]
    [InlineData("""{"max_timestamp_millis": 5, "max_traces": 0}""", "`max_traces` must be a positive integer, received 0.")]
    [InlineData("""{"request_ids": ["t"], "max_traces": 1}""", "`max_traces` can't be specified if `trace_ids` is specified.")]
    public async Task A_deletion_that_contradicts_itself_is_refused(string json, string message)
    {
        var body = JsonNode.Parse(json)!;
        body["experiment_id"] = "0";
        Invalid(await server.PostAsync($"{Route}/delete-traces", body), message);
    }

    [Fact]
    public async Task Metrics_average_and_count_traces()
    {
        var experiment = await server.NewExperimentAsync();
        foreach (var (state, seconds) in ((string, string)[])[("OK", "1.5s"), ("ERROR", "1.5s"), ("OK", "0.5s")])
            await server.NewTraceAsync(experiment, more: new JsonObject { ["state"] = state, ["execution_duration"] = seconds });

        var latency = await MetricsAsync(experiment, "latency", "AVG");
        // MySQL rounds averages of integers to four decimals.
        Assert.Equal(1166.6667, (double)Assert.Single(latency.Json["data_points"]!.AsArray())!["values"]!["AVG"]!, 0.0001);
        var counts = await MetricsAsync(experiment, "trace_count", "COUNT", "trace_status");
        Assert.Equal(
            ["ERROR 1", "OK 2"],
            counts.Json["data_points"]!.AsArray().Select(point => $"{point!["dimensions"]!["trace_status"]} {(double)point["values"]!["COUNT"]!}"));
    }

    [Fact]
    public async Task Token_usage_becomes_metrics()
    {
        var experiment = await server.NewExperimentAsync();
        var usage = new JsonObject { ["mlflow.trace.tokenUsage"] = """{"input_tokens":3,"output_tokens":4,"total_tokens":7}""" };
        for (var i = 0; i < 2; i++)
            await server.NewTraceAsync(experiment, more: new JsonObject { ["trace_metadata"] = usage.DeepClone() });

        var answer = await MetricsAsync(experiment, "total_tokens", "SUM");

        Assert.Equal(14, (double)Assert.Single(answer.Json["data_points"]!.AsArray())!["values"]!["SUM"]!);
    }

    [Fact]
    public async Task An_unknown_metric_is_refused() => Invalid(
        await MetricsAsync("0", "nope", "AVG"),
        "metric_name must be one of ['trace_count', 'latency', 'input_tokens', 'output_tokens', 'total_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'], got 'nope'");

    [Fact]
    public async Task A_time_interval_needs_both_bounds()
    {
        var answer = await server.PostAsync($"{Route}/metrics", new
        {
            experiment_ids = new[] { "0" },
            view_type = "TRACES",
            metric_name = "trace_count",
            aggregations = new[] { new { aggregation_type = "COUNT" } },
            time_interval_seconds = 60,
        });
        Invalid(answer, "start_time_ms and end_time_ms are required if time_interval_seconds is set");
    }

    private Task<Answer> MetricsAsync(string experiment, string metric, string aggregation, params string[] dimensions) =>
        server.PostAsync($"{Route}/metrics", new
        {
            experiment_ids = new[] { experiment },
            view_type = "TRACES",
            metric_name = metric,
            aggregations = new[] { new { aggregation_type = aggregation } },
            dimensions,
        });
}
