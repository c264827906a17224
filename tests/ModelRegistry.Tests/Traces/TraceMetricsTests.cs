using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Traces;

/// <summary>traces/metrics over three traces of three spans each.</summary>
public sealed class TraceMetricsTests(TraceMetricsTests.Traced server) : IClassFixture<TraceMetricsTests.Traced>
{
    [Theory]
    [InlineData("TRACES", "trace_count", "COUNT", "", "", "COUNT=3")]
    [InlineData("TRACES", "trace_count", "COUNT", "trace_name", "", "trace_name=a COUNT=2|trace_name=b COUNT=1")]
    [InlineData("TRACES", "trace_count", "COUNT", "trace_status", "trace.tag.color = 'red'", "trace_status=ERROR COUNT=1|trace_status=OK COUNT=1")]
    [InlineData("TRACES", "trace_count", "COUNT", "", "trace.metadata.`mlflow.sourceRun` = \"r1\"", "COUNT=1")]
    [InlineData("TRACES", "trace_count", "COUNT", "", "trace.status = 'nope'", "COUNT=0")]
    [InlineData("TRACES", "latency", "AVG", "", "", "AVG=2000")]
    [InlineData("TRACES", "latency", "AVG,0,50,75,100", "", "", "AVG=2000 P0.0=1000 P50.0=2000 P75.0=2500 P100.0=3000")]
    [InlineData("TRACES", "latency", "50", "trace_name", "", "trace_name=a P50.0=1500|trace_name=b P50.0=3000")]
    [InlineData("TRACES", "total_tokens", "SUM,AVG", "", "", "SUM=30 AVG=10")]
    [InlineData("TRACES", "total_tokens", "SUM,50", "trace_name", "", "trace_name=a SUM=15 P50.0=7.5|trace_name=b SUM=15 P50.0=15")]
    [InlineData("SPANS", "span_count", "COUNT", "span_name,span_status", "span.status = 'ERROR'", "span_name=child span_status=ERROR COUNT=3")]
    [InlineData("SPANS", "span_count", "COUNT", "span_type", "", "span_type=LLM COUNT=3")]
    [InlineData("SPANS", "span_count", "COUNT", "span_model_name,span_model_provider", "", "span_model_name=m-1 span_model_provider=acme COUNT=3")]
    [InlineData("SPANS", "latency", "50", "span_name", "", "span_name=child P50.0=250|span_name=root P50.0=1000")]
    [InlineData("SPANS", "total_cost", "SUM", "span_model_name", "", "span_model_name=m-1 SUM=4.5")]
    [InlineData("ASSESSMENTS", "assessment_count", "COUNT", "assessment_name,assessment_value", "", "assessment_name=good assessment_value=\"yes\" COUNT=1|assessment_name=good assessment_value=false COUNT=1|assessment_name=score assessment_value=0.5 COUNT=1|assessment_name=score assessment_value=\"text\" COUNT=1")]
    [InlineData("ASSESSMENTS", "assessment_value", "AVG,50", "assessment_name", "", "assessment_name=good AVG=0.5 P50.0=0.5|assessment_name=score AVG=0.5 P50.0=0.5")]
    public async Task Numbers_are_made_of_many(string view, string metric, string aggregations, string dimensions, string filter, string expected)
    {
        var answer = await server.MetricsAsync(view, metric, aggregations, dimensions, filter);

        Assert.Equal(expected.Split('|').Order(StringComparer.Ordinal), Print(answer).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("TRACES", "trace_count", "COUNT", "time_bucket=2025-01-01T00:00:00+00:00 COUNT=2|time_bucket=2025-01-02T00:00:00+00:00 COUNT=1")]
    [InlineData("TRACES", "latency", "50", "time_bucket=2025-01-01T00:00:00+00:00 P50.0=1500|time_bucket=2025-01-02T00:00:00+00:00 P50.0=3000")]
    [InlineData("SPANS", "span_count", "COUNT", "time_bucket=2023-11-14T00:00:00+00:00 COUNT=6")]
    public async Task Time_is_cut_into_pieces(string view, string metric, string aggregations, string expected)
    {
        var answer = await server.MetricsAsync(view, metric, aggregations, "", "", seconds: 86_400);

        Assert.Equal(expected.Split('|'), Print(answer));
    }

    [Theory]
    [InlineData("AVG", "trace_name=a AVG=1500")]
    [InlineData("AVG,50", "trace_name=a AVG=1500 P50.0=1500")]
    public async Task The_first_groups_are_answered_when_there_are_more_than_asked_for(string aggregations, string expected)
    {
        var answer = await server.MetricsAsync("TRACES", "latency", aggregations, "trace_name", "", max: 1);

        Assert.Equal([expected], Print(answer));
    }

    [Theory]
    [InlineData("TRACES", "latency", "SUM", "", "", "Found invalid aggregation_type(s): ['SUM']. Supported aggregation types: ['AVG', 'PERCENTILE']")]
    [InlineData("TRACES", "latency", "AVG", "trace_status", "", "Found invalid dimension(s): ['trace_status']. Supported dimensions: ['trace_name']")]
    [InlineData("SPANS", "cost", "SUM", "", "", "metric_name must be one of ['span_count', 'latency', 'input_cost', 'output_cost', 'total_cost'], got 'cost'")]
    [InlineData("TRACES", "latency", "101", "", "", "Percentile value must be between 0 and 100, got 101.0")]
    [InlineData("TRACES", "trace_count", "COUNT", "", "span.name = 'x'", "Filtering by span is only supported for SPANS view type, got TRACES")]
    [InlineData("TRACES", "trace_count", "COUNT", "", "trace.tag = 'x'", "Filtering by tag requires a key, e.g. 'trace.tag.<key> = <value>'")]
    [InlineData("TRACES", "trace_count", "COUNT", "", "trace.status.k = 'x'", "Filtering by status does not require a key, use 'trace.status' instead")]
    [InlineData("TRACES", "trace_count", "COUNT", "", "trace.nope = 'x'", "Invalid entity 'nope' specified for view type 'trace'. Valid entities are ['status', 'tag', 'metadata']")]
    [InlineData("TRACES", "trace_count", "COUNT", "", "trace.status != 'OK'", "Invalid comparator: '!=', only '=' operator is supported")]
    [InlineData("TRACES", "trace_count", "COUNT", "", "trace.status = 5", "Expected a quoted string value for status value (e.g. 'my-value'). Got value 5")]
    [InlineData("TRACES", "trace_count", "COUNT", "", "status = 'OK'", "Invalid identifier 'status'. Columns should be specified as 'trace.<key>', 'span.<key>', 'assessment.<key>'.")]
    public async Task A_wrong_question_is_refused(string view, string metric, string aggregations, string dimensions, string filter, string message)
    {
        var answer = await server.MetricsAsync(view, metric, aggregations, dimensions, filter);

        Assert.Equal((400, "INVALID_PARAMETER_VALUE", message), (answer.Status, answer.ErrorCode, answer.Message));
    }

    private static IEnumerable<string> Print(Answer answer) => (answer.Json["data_points"] as JsonArray ?? []).Select(point =>
        string.Join(' ', Members(point!["dimensions"]).Concat(Members(point["values"]))));

    private static IEnumerable<string> Members(JsonNode? node) => (node as JsonObject ?? []).Select(member => $"{member.Key}={member.Value}");

    /// <summary>A server with the traces.</summary>
    public sealed class Traced : ServerFixture, IAsyncLifetime
    {
        private string experiment = "";

        async Task IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            experiment = (string)(await PostAsync("experiments/create", new { name = "metrics" })).Json["experiment_id"]!;
            string[] ids = [SpanSender.NewId(), SpanSender.NewId(), SpanSender.NewId()];
            foreach (var id in ids)
            {
                await SpanSender.SendAsync(
                    Client, experiment,
                    SpanSender.Span(id, 1, "root"),
                    SpanSender.Span(
                        id, 2, "child", parent: 1, end: 250, code: 2,
                        attributes: [("mlflow.spanType", "LLM"), ("mlflow.llm.model", "m-1"), ("mlflow.llm.provider", "acme"), ("mlflow.llm.cost", """{"total_cost": 1.5}""")]));
            }

            await StartAsync(ids[0], "2025-01-01T01:00:00Z", "1s", "OK", "a", 5, "red", "r1");
            await StartAsync(ids[1], "2025-01-01T02:00:00Z", "2s", "ERROR", "a", 10, "red", "r2");
            await StartAsync(ids[2], "2025-01-02T01:00:00Z", "3s", "OK", "b", 15, "blue", "r3");
            await AssessAsync(ids[0], "good", "yes");
            await AssessAsync(ids[1], "good", false);
            await AssessAsync(ids[0], "score", 0.5);
            await AssessAsync(ids[1], "score", "text");
        }

        public Task<Answer> MetricsAsync(string view, string metric, string aggregations, string dimensions, string filter, int? seconds = null, int? max = null) =>
            PostAsync("/api/3.0/mlflow/traces/metrics", new Dictionary<string, object?>
            {
                ["experiment_ids"] = new[] { experiment },
                ["view_type"] = view,
                ["metric_name"] = metric,
                ["aggregations"] = aggregations.Split(',').Select(one => char.IsDigit(one[0])
                    ? (object)new { aggregation_type = "PERCENTILE", percentile_value = int.Parse(one, System.Globalization.CultureInfo.InvariantCulture) }
                    : new { aggregation_type = one }),
                ["dimensions"] = dimensions.Split(',', StringSplitOptions.RemoveEmptyEntries),
                ["filters"] = filter.Length == 0 ? [] : new[] { filter },
                ["time_interval_seconds"] = seconds,
                ["max_results"] = max,
                ["start_time_ms"] = "0",
                ["end_time_ms"] = "1900000000000",
            }.Where(member => member.Value is not null).ToDictionary());

        private Task<Answer> StartAsync(string id, string time, string duration, string state, string name, int tokens, string color, string run) =>
            PostAsync("/api/3.0/mlflow/traces", new
            {
                trace = new
                {
                    trace_info = new
                    {
                        trace_id = $"tr-{id}",
                        trace_location = new { type = "MLFLOW_EXPERIMENT", mlflow_experiment = new { experiment_id = experiment } },
                        request_time = time,
                        execution_duration = duration,
                        state,
                        tags = new Dictionary<string, string> { ["mlflow.traceName"] = name, ["color"] = color },
                        trace_metadata = new Dictionary<string, string>
                        {
                            ["mlflow.trace.tokenUsage"] = $$"""{"total_tokens": {{tokens}}}""", ["mlflow.sourceRun"] = run,
                        },
                    },
                },
            });

        private Task<Answer> AssessAsync(string id, string name, object value) =>
            PostAsync($"/api/3.0/mlflow/traces/tr-{id}/assessments", new { assessment = new { assessment_name = name, feedback = new { value } } });
    }
}
