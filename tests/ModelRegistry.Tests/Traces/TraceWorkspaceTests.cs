using System.Text.Json.Nodes;
using ModelRegistry.Tests.Workspaces;
using Xunit;

namespace ModelRegistry.Tests.Traces;

public sealed class TraceWorkspaceTests(WorkspaceFixture server) : IClassFixture<WorkspaceFixture>
{
    private const string V3 = "/api/3.0/mlflow/traces";

    [Fact]
    public async Task Traces_cannot_be_reached_from_another_workspace()
    {
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        var experiment = await server.NewExperimentAsync(home);
        var foreign = await server.NewExperimentAsync(other);
        var run = (string)(await server.NewRunAsync(home, experiment))["run_id"]!;
        await server.DoInAsync(home, "POST", V3, Start("tr-1", experiment));
        var assessment = (string)(await server.DoInAsync(home, "POST", $"{V3}/tr-1/assessments", Feedback))["assessment"]!["assessment_id"]!;
        var before = (await server.DoInAsync(home, "GET", $"{V3}/tr-1")).ToJsonString();
        (string Method, string Path, string? Body)[] calls =
        [
            ("GET", $"{V3}/tr-1", null),
            ("GET", $"{V3}/get?trace_id=tr-1&allow_partial=true", null),
            ("GET", "traces/tr-1/info", null),
            ("GET", "/ajax-api/3.0/mlflow/get-trace-artifact?request_id=tr-1", null),
            ("POST", V3, Start("tr-1", foreign)),
            ("POST", V3, Start("tr-2", experiment)),
            ("POST", "traces", $$"""{"experiment_id": "{{experiment}}"}"""),
            ("PATCH", "traces/tr-1", """{"timestamp_ms": 5, "status": "ERROR"}"""),
            ("PATCH", $"{V3}/tr-1/tags", """{"key": "k", "value": "stolen"}"""),
            ("DELETE", $"{V3}/tr-1/tags", """{"key": "color"}"""),
            ("POST", $"{V3}/tr-1/assessments", Feedback),
            ("GET", $"{V3}/tr-1/assessments/{assessment}", null),
            ("PATCH", $"{V3}/tr-1/assessments/{assessment}", """{"assessment": {"rationale": "x"}, "update_mask": "rationale"}"""),
            ("POST", "traces/link-to-run", $$"""{"trace_ids": ["tr-1"], "run_id": "r"}"""),
            ("POST", "traces/link-to-run", $$"""{"trace_ids": ["tr-9"], "run_id": "{{run}}"}"""),
            ("POST", "traces/link-prompts", """{"trace_id": "tr-1", "prompt_versions": [{"name": "p", "version": "1"}]}"""),
        ];

        foreach (var (method, path, body) in calls)
        {
            var answer = await server.InAsync(other, method, path, body);
            Assert.True(answer.Status is 400 or 404, $"{method} {path}: {answer.Status} {answer.Text}");
        }

        await server.DoInAsync(other, "DELETE", $"{V3}/tr-1/assessments/{assessment}", "{}");
        Assert.Equal(before, (await server.DoInAsync(home, "GET", $"{V3}/tr-1")).ToJsonString());
    }

    [Fact]
    public async Task Searches_and_deletions_keep_to_their_workspace()
    {
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        var experiment = await server.NewExperimentAsync(home);
        await server.DoInAsync(home, "POST", V3, Start("tr-3", experiment));
        var metrics = $$"""{"experiment_ids": ["{{experiment}}"], "view_type": "TRACES", "metric_name": "trace_count", "aggregations": [{"aggregation_type": "COUNT"}]}""";
        var correlation = $$"""{"experiment_ids": ["{{experiment}}"], "filter_string1": "status = 'OK'", "filter_string2": "status = 'OK'"}""";

        Assert.Equal("{}", (await server.DoInAsync(other, "POST", $"{V3}/search", Search(experiment))).ToJsonString());
        Assert.Equal("{}", (await server.DoInAsync(other, "GET", $"traces?experiment_ids={experiment}")).ToJsonString());
        Assert.Equal("{}", (await server.DoInAsync(other, "POST", $"{V3}/batchGetInfos", """{"trace_ids": ["tr-3"]}""")).ToJsonString());
        Assert.Equal("{}", (await server.DoInAsync(other, "POST", $"{V3}/metrics", metrics)).ToJsonString());
        Assert.Equal(0, (int)(await server.DoInAsync(other, "POST", $"{V3}/calculate-filter-correlation", correlation))["total_count"]!);
        foreach (var choice in (string[])["\"request_ids\": [\"tr-3\"]", "\"max_timestamp_millis\": 9999999999999"])
        {
            var deleted = await server.DoInAsync(other, "POST", $"{V3}/delete-traces", $$"""{"experiment_id": "{{experiment}}", {{choice}}}""");
            Assert.Equal(0, (int)deleted["traces_deleted"]!);
        }

        Assert.Single((JsonArray)(await server.DoInAsync(home, "POST", $"{V3}/search", Search(experiment)))["traces"]!);
    }

    [Fact]
    public async Task Spans_do_not_find_a_trace_of_another_workspace()
    {
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        var (mine, foreign) = (await server.NewExperimentAsync(home), await server.NewExperimentAsync(other));
        var id = SpanSender.NewId();
        var spans = $$"""{"resourceSpans": [{"scopeSpans": [{"spans": [{{SpanSender.Span(id, 1, "root").ToJsonString()}}]}]}]}""";

        Assert.Equal(200, (await SendAsync(home, mine, spans)).Status);
        Assert.Equal((404, 400), ((await SendAsync(other, mine, spans.Replace(id, SpanSender.NewId(), StringComparison.Ordinal))).Status, (await SendAsync(other, foreign, spans)).Status));
    }

    private const string Feedback = """{"assessment": {"assessment_name": "q", "feedback": {"value": 1}}}""";

    private async Task<Answer> SendAsync(string workspace, string experiment, string spans)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces");
        request.Headers.Add("X-MLFLOW-WORKSPACE", workspace);
        request.Headers.Add("x-mlflow-experiment-id", experiment);
        request.Content = new StringContent(spans, System.Text.Encoding.UTF8, "application/json");
        using var response = await server.Client.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static string Search(string experiment) =>
        $$$"""{"locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "{{{experiment}}}" }} ]}""";

    private static string Start(string id, string experiment) =>
        $$$$"""
        {"trace": {"trace_info": {"trace_id": "{{{{id}}}}", "state": "OK", "tags": {"color": "red"},
            "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "{{{{experiment}}}}" }} }} }
        """;
}
