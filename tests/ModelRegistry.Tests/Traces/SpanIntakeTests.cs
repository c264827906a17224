using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Traces;

/// <summary>What spans make of their trace when they come in parts, twice, late and at the same time.</summary>
public sealed class SpanIntakeTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Usage = "mlflow.chat.tokenUsage";
    private const string Cost = "mlflow.llm.cost";

    [Fact]
    public async Task Token_counts_and_costs_add_up_over_exports()
    {
        var (experiment, id) = (await NewExperimentAsync(), SpanSender.NewId());
        await SpanSender.SendAsync(
            server.Client, experiment,
            SpanSender.Span(id, 2, "child", parent: 1, start: 50, end: 100, attributes: [(Usage, """{"input_tokens": 1}"""), (Cost, """{"total_cost": 1.5}""")]));
        await SpanSender.SendAsync(
            server.Client, experiment,
            SpanSender.Span(id, 1, "root", end: 80, attributes: [(Usage, """{"input_tokens": 2, "output_tokens": 5}"""), (Cost, """{"input_cost": 0.25, "total_cost": 1}""")]));

        var info = await InfoAsync(id);

        Assert.Equal("""{"input_tokens": 3, "output_tokens": 5}""", (string?)info["trace_metadata"]!["mlflow.trace.tokenUsage"]);
        Assert.Equal("""{"input_cost": 0.25, "output_cost": 0.0, "total_cost": 2.5}""", (string?)info["trace_metadata"]!["mlflow.trace.cost"]);
        Assert.Equal(("OK", "0.100s"), ((string?)info["state"], (string?)info["execution_duration"]));
    }

    [Fact]
    public async Task What_the_client_says_of_a_finished_trace_stands()
    {
        var (experiment, id) = (await NewExperimentAsync(), SpanSender.NewId());
        await SpanSender.SendAsync(server.Client, experiment, SpanSender.Span(id, 1, "root", attributes: [("mlflow.spanInputs", "\"from the span\"")]));
        await StartAsync(experiment, id, """ "request_time": "2025-01-01T00:00:00Z", "execution_duration": "5s", "state": "OK" """);
        await SpanSender.SendAsync(server.Client, experiment, SpanSender.Span(id, 2, "late", parent: 1, end: 9000, code: 2));

        var info = await InfoAsync(id);

        Assert.Equal(("2025-01-01T00:00:00Z", "5s", "OK"), ((string?)info["request_time"], (string?)info["execution_duration"], (string?)info["state"]));
        Assert.Equal(("\"from the span\"", "TRACKING_STORE"), ((string?)info["request_preview"], (string?)info["tags"]!["mlflow.trace.spansLocation"]));
    }

    [Fact]
    public async Task A_trace_that_is_sent_again_is_updated()
    {
        var (experiment, id) = (await NewExperimentAsync(), SpanSender.NewId());
        await StartAsync(experiment, id, """ "state": "IN_PROGRESS", "tags": {"a": "1", "b": "1"}, "request_preview": "kept" """);
        await StartAsync(experiment, id, """ "state": "ERROR", "tags": {"b": "2"}, "trace_metadata": {"m": "1"} """);

        var info = await InfoAsync(id);

        Assert.Equal(("ERROR", "kept", "1", "2", "1"), (
            (string?)info["state"], (string?)info["request_preview"], (string?)info["tags"]!["a"], (string?)info["tags"]!["b"],
            (string?)info["trace_metadata"]!["m"]));
    }

    [Fact]
    public async Task Spans_of_one_trace_may_come_at_the_same_time()
    {
        var (experiment, id) = (await NewExperimentAsync(), SpanSender.NewId());

        await Task.WhenAll(Enumerable.Range(1, 12).Select(number => SpanSender.SendAsync(
            server.Client, experiment,
            SpanSender.Span(id, number, "s", parent: number == 1 ? null : 1, start: number, end: 100 * number, attributes: [(Usage, """{"input_tokens": 1}""")]))));

        var trace = (await server.GetAsync($"/api/3.0/mlflow/traces/get?trace_id=tr-{id}")).Json["trace"]!;
        Assert.Equal(12, trace["spans"]!.AsArray().Count);
        Assert.Equal(("OK", "1.199s", """{"input_tokens": 12}"""), (
            (string?)trace["trace_info"]!["state"], (string?)trace["trace_info"]!["execution_duration"],
            (string?)trace["trace_info"]!["trace_metadata"]!["mlflow.trace.tokenUsage"]));
    }

    [Fact]
    public async Task Many_spans_of_many_traces_come_in_one_export()
    {
        var experiment = await NewExperimentAsync();
        var ids = Enumerable.Range(0, 40).Select(_ => SpanSender.NewId()).ToArray();

        await SpanSender.SendAsync(
            server.Client, experiment,
            [.. ids.SelectMany(id => Enumerable.Range(1, 25).Select(number => SpanSender.Span(id, number, "s", parent: number == 1 ? null : 1)))]);

        var answer = await server.GetAsync($"/api/3.0/mlflow/traces/batchGet?{string.Join('&', ids.Select(id => $"trace_ids=tr-{id}"))}");
        var traces = answer.Json["traces"]!.AsArray();
        Assert.Equal(ids.Select(id => $"tr-{id}"), traces.Select(trace => (string?)trace!["trace_info"]!["trace_id"]));
        Assert.All(traces, trace => Assert.Equal(25, trace!["spans"]!.AsArray().Count));
    }

    [Fact]
    public async Task An_assessment_of_a_session_counts_for_each_of_its_traces()
    {
        var experiment = await NewExperimentAsync();
        string[] ids = [SpanSender.NewId(), SpanSender.NewId(), SpanSender.NewId()];
        foreach (var (id, session) in ids.Zip(["one", "one", "two"]))
            await StartAsync(experiment, id, $$""" "trace_metadata": {"mlflow.trace.session": "{{session}}"}, "client_request_id": "{{session}}" """);
        await server.PostAsync(
            $"/api/3.0/mlflow/traces/tr-{ids[0]}/assessments",
            new { assessment = new { assessment_name = "fine", feedback = new { value = true }, metadata = new Dictionary<string, string> { ["mlflow.trace.session"] = "one" } } });

        Assert.Equal(["one", "one"], await FindAsync(experiment, "feedback.fine = 'true'"));
        Assert.Equal(["two"], await FindAsync(experiment, "feedback.fine IS NULL"));
        Assert.Empty(await FindAsync(experiment, "feedback.fine = 'false'"));
    }

    private async Task<IEnumerable<string?>> FindAsync(string experiment, string filter)
    {
        var answer = await server.PostAsync(
            "/api/3.0/mlflow/traces/search",
            new { locations = new[] { new { type = "MLFLOW_EXPERIMENT", mlflow_experiment = new { experiment_id = experiment } } }, filter });
        return (answer.Json["traces"] as JsonArray ?? []).Select(trace => (string?)trace!["client_request_id"]);
    }

    private async Task StartAsync(string experiment, string id, string fields)
    {
        var json = $$$$"""
            {"trace": {"trace_info": {"trace_id": "tr-{{{{id}}}}", {{{{fields}}}},
                "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "{{{{experiment}}}}" }} }} }
            """;
        var answer = await server.PostAsync("/api/3.0/mlflow/traces", JsonNode.Parse(json)!);
        Assert.True(answer.Status == 200, answer.Text);
    }

    private async Task<JsonNode> InfoAsync(string id) => (await server.GetAsync($"/api/3.0/mlflow/traces/tr-{id}")).Json["trace"]!["trace_info"]!;

    private async Task<string> NewExperimentAsync() =>
        (string)(await server.PostAsync("experiments/create", new { name = SpanSender.NewId() })).Json["experiment_id"]!;
}
