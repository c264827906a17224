using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Search;
using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.Traces;

/// <summary>Traces 1, 2, 3 of one experiment, a second apart: OK of run <see cref="Run"/>, ERROR, and IN_PROGRESS without a duration.</summary>
public sealed class TraceSearchFixture : ServerFixture, IAsyncLifetime
{
    public string Experiment { get; private set; } = "";

    public string Run { get; private set; } = "";

    public List<string> Ids { get; } = [];

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        Experiment = await this.NewExperimentAsync();
        Run = await this.NewRunAsync(Experiment);
        var mark = Guid.NewGuid().ToString("N")[..20];
        await StartAsync($"tr-{mark}1", "alpha", $$$"""
            {"state": "OK", "execution_duration": "1.5s", "client_request_id": "cid1", "trace_metadata": {"k": "v", "mlflow.sourceRun": "{{{Run}}}"},
             "assessments": [{"assessment_name": "good", "source": {"source_type": "HUMAN", "source_id": "bob"}, "feedback": {"value": true}}]}
            """);
        await StartAsync($"tr-{mark}2", "beta", """{"state": "ERROR", "execution_duration": "1.5s"}""");
        await StartAsync($"tr-{mark}3", "gamma", """{"state": "IN_PROGRESS"}""");
    }

    private async Task StartAsync(string traceId, string name, string json)
    {
        var more = JsonNode.Parse(json)!.AsObject();
        more["tags"] = new JsonObject { ["mlflow.traceName"] = name };
        Ids.Add(traceId);
        await this.DoAsync(TraceCalls.Route, TraceCalls.Body(traceId, Experiment, $"2026-01-01T00:00:0{Ids.Count}.123Z", more));
    }
}

public sealed class TraceSearchTests(TraceSearchFixture server) : IClassFixture<TraceSearchFixture>
{
    [Theory]
    [InlineData("", "3 2 1")]
    [InlineData("status = 'OK'", "1")]
    [InlineData("trace.status = 'ERROR'", "2")]
    [InlineData("attribute.status != 'OK'", "3 2")]
    [InlineData("status IN ('OK','ERROR')", "2 1")]
    [InlineData("status NOT IN ('OK')", "3 2")]
    [InlineData("timestamp > 0", "3 2 1")]
    [InlineData("timestamp_ms > 1767225602000", "3 2")]
    [InlineData("trace.timestamp_ms > 1767225602000", "3 2")]
    [InlineData("timestamp > 1 AND status = 'ERROR'", "2")]
    [InlineData("execution_time = 1500", "2 1")]
    [InlineData("execution_time_ms > 100", "2 1")]
    [InlineData("end_time > 0", "3 2 1")]
    [InlineData("end_time_ms >= 1767225603624", "")]
    [InlineData("name = 'beta'", "2")]
    [InlineData("trace.name LIKE 'b%'", "2")]
    [InlineData("name ILIKE 'B%'", "2")]
    [InlineData("name RLIKE '^b'", "2")]
    [InlineData("run_id = '{run}'", "1")]
    [InlineData("run_id != 'x'", "1")]
    [InlineData("request_id = '{1}'", "1")]
    [InlineData("client_request_id = 'cid1'", "1")]
    [InlineData("tags.y = '2'", "")]
    [InlineData("tags.y IS NULL", "3 2 1")]
    [InlineData("tags.y IS NOT NULL", "")]
    [InlineData("tags.mlflow.traceName = 'beta'", "2")]
    [InlineData("metadata.k = 'v'", "1")]
    [InlineData("request_metadata.k = 'v'", "1")]
    [InlineData("metadata.`mlflow.sourceRun` = '{run}'", "1")]
    [InlineData("metadata.k IS NULL", "3 2")]
    [InlineData("metadata.k LIKE 'v'", "1")]
    [InlineData("span.name = 'x'", "")]
    [InlineData("span.content LIKE '%a%'", "")]
    [InlineData("trace.text LIKE '%a%'", "")]
    [InlineData("feedback.good = 'true'", "1")]
    [InlineData("feedback.`good` = 'true'", "1")]
    [InlineData("feedback.good IS NULL", "3 2")]
    [InlineData("feedback.good IS NOT NULL", "1")]
    [InlineData("feedback.good != 'true'", "")]
    [InlineData("expectation.e = 'x'", "")]
    [InlineData("issue.id = 'iss-1'", "")]
    [InlineData("prompt = 'nobody/1'", "")]
    public async Task A_filter_finds(string filter, string expected) =>
        Assert.Equal(expected, Numbers(await server.SearchTracesAsync(server.Experiment, filter.Replace("{run}", server.Run).Replace("{1}", server.Ids[0]))));

    [Theory]
    [InlineData("timestamp > '5'", "Invalid clause(s) in filter string: 'timestamp', '>', ''5'', 'timestamp'")]
    [InlineData("timestamp LIKE '1'", "Invalid clause(s) in filter string: 'timestamp', 'LIKE', ''1'', 'timestamp'")]
    [InlineData("span.foo = 'x'", "Invalid span attribute 'foo'. Supported attributes: name, status, type, attributes.<attribute_name>.")]
    [InlineData("issue.foo = 'x'", "Invalid issue attribute 'foo'. Supported attributes: id")]
    [InlineData("text LIKE '%a%'", "Invalid clause(s) in filter string: 'text', 'LIKE', ''%a%''")]
    [InlineData("prompt = 'p'", "Invalid prompts filter value 'p'. Expected format: prompt = \"name/version\"")]
    [InlineData("prompt LIKE 'p/1'", "Invalid comparator 'LIKE' for prompts filter. Only '=' is supported with format: prompt = \"name/version\"")]
    [InlineData("status = 'OK' OR status='ERROR'", "Invalid clause(s) in filter string: 'OR'")]
    public async Task A_bad_filter_is_refused(string filter, string message) =>
        TraceCalls.Invalid(await server.SearchTracesAsync(server.Experiment, filter), message);

    /// <remarks>MLflow ends these messages with a set, whose order changes from start to start.</remarks>
    [Theory]
    [InlineData("name IN ('beta')", "Invalid comparator 'IN' not one of '{")]
    [InlineData("run_id IN ('x')", "Invalid comparator 'IN' not one of '{")]
    [InlineData("tags.y IN ('2')", "Invalid comparator 'IN' not one of '{")]
    [InlineData("status > 'A'", "Invalid comparator '>' not one of '{")]
    [InlineData("span.content = 'a'", "span.content comparator '=' not one of '{")]
    [InlineData("trace_id = 'x'", "Invalid attribute key 'trace_id' specified. Valid keys are '{")]
    [InlineData("metrics.a > 1", "Invalid entity type 'metrics'. Valid values are {")]
    [InlineData("name = 5", "Only the '{")]
    public async Task A_bad_filter_is_told_what_there_is(string filter, string start)
    {
        var answer = await server.SearchTracesAsync(server.Experiment, filter);
        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (answer.Status, answer.ErrorCode));
        Assert.StartsWith(start, answer.Message);
    }

    [Theory]
    [InlineData("timestamp_ms", "1 2 3")]
    [InlineData("timestamp ASC", "1 2 3")]
    [InlineData("timestamp_ms DESC", "3 2 1")]
    [InlineData("execution_time_ms DESC", "2 1 3")]
    [InlineData("execution_time", "2 1 3")]
    [InlineData("status", "2 3 1")]
    [InlineData("name", "1 2 3")]
    [InlineData("name DESC", "3 2 1")]
    [InlineData("tags.y", "3 2 1")]
    [InlineData("metadata.k", "1 3 2")]
    [InlineData("request_id", "1 2 3")]
    [InlineData("experiment_id", "3 2 1")]
    [InlineData("run_id", "1 3 2")]
    public async Task An_order_sorts_with_missing_values_last(string order, string expected) =>
        Assert.Equal(expected, Numbers(await server.SearchTracesAsync(server.Experiment, order: [order])));

    [Theory]
    [InlineData("foo")]
    [InlineData("client_request_id")]
    public async Task An_unknown_order_is_refused(string order)
    {
        var answer = await server.SearchTracesAsync(server.Experiment, order: [order]);
        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (answer.Status, answer.ErrorCode));
        Assert.StartsWith($"Invalid attribute key '{order}' specified. Valid keys are '{{", answer.Message);
    }

    [Theory]
    [InlineData(1, null, "3", 1)]
    [InlineData(3, null, "3 2 1", 3)]
    [InlineData(null, "eyJvZmZzZXQiOiAxfQ==", "2 1", 0)]
    public async Task A_full_page_has_a_token(int? max, string? token, string expected, long next)
    {
        var answer = await server.SearchTracesAsync(server.Experiment, max: max, token: token);
        Assert.Equal((expected, next), (Numbers(answer), PageToken.Decode((string?)answer.Json["next_page_token"])));
    }

    [Theory]
    [InlineData(0, "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer")]
    [InlineData(-1, "Invalid value -1 for parameter 'max_results' supplied. It must be a positive integer")]
    [InlineData(501, "Invalid value 501 for parameter 'max_results' supplied:  Hint: Value was of type 'int'. See the API docs for more information about request parameters.")]
    public async Task A_page_has_1_to_500_traces(int max, string message) =>
        TraceCalls.Invalid(await server.SearchTracesAsync(server.Experiment, max: max), message);

    [Fact]
    public async Task Locations_are_required() => TraceCalls.Invalid(
        await server.PostAsync($"{TraceCalls.Route}/search", new { }),
        "Missing value for required parameter 'locations'. See the API docs for more information about request parameters.");

    [Fact]
    public async Task Locations_elsewhere_hold_nothing()
    {
        var schema = new { type = "UC_SCHEMA", uc_schema = new { catalog_name = "a", schema_name = "b" } };
        Assert.Equal("{}", (await server.DoAsync($"{TraceCalls.Route}/search", new { locations = new[] { schema } })).ToJsonString());
    }

    [Fact]
    public async Task The_old_search_answers_in_the_old_form()
    {
        var answer = (await server.GetAsync($"traces?experiment_ids={server.Experiment}&max_results=1")).Json;

        var info = Assert.Single(answer["traces"]!.AsArray())!;
        Assert.Equal((server.Ids[2], "IN_PROGRESS", 0L), ((string?)info["request_id"], (string?)info["status"], (long)info["execution_time_ms"]!));
        Assert.Equal(1, PageToken.Decode((string?)answer["next_page_token"]));
        TraceCalls.Invalid(
            await server.GetAsync("traces"),
            "Missing value for required parameter 'experiment_ids'. See the API docs for more information about request parameters.");
    }

    [Fact]
    public async Task Filters_are_correlated()
    {
        var answer = await server.DoAsync(
            $"{TraceCalls.Route}/calculate-filter-correlation",
            new { experiment_ids = new[] { server.Experiment }, filter_string1 = "status = 'OK'", filter_string2 = "name = 'beta'" });
        Assert.Equal(
            (-1.0, 1, 1, 0, 3),
            ((double)answer["npmi"]!, (int)answer["filter1_count"]!, (int)answer["filter2_count"]!, (int)answer["joint_count"]!, (int)answer["total_count"]!));
    }

    private string Numbers(Answer answer)
    {
        Assert.True(answer.Status == 200, answer.Text);
        return string.Join(' ', TrackingSteps.Pluck<string>(answer.Json["traces"], "trace_id").Select(id => server.Ids.IndexOf(id) + 1));
    }
}
