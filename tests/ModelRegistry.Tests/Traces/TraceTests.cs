using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;
using static ModelRegistry.Tests.Traces.TraceCalls;

namespace ModelRegistry.Tests.Traces;

public sealed class TraceTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task A_trace_is_stored_as_it_was_sent()
    {
        var (traceId, experiment) = (NewTraceId(), await server.NewExperimentAsync());
        var body = Body(traceId, experiment, more: new JsonObject
        {
            ["client_request_id"] = "cid1",
            ["execution_duration"] = "1.5s",
            ["trace_metadata"] = new JsonObject { ["k"] = "v" },
            ["tags"] = new JsonObject { ["mlflow.traceName"] = "alpha", ["x"] = "1" },
            ["request_preview"] = "req1",
            ["response_preview"] = "resp1",
        });

        var started = await server.DoAsync(Route, body);

        var expected = new JsonObject
        {
            ["trace_id"] = traceId,
            ["client_request_id"] = "cid1",
            ["trace_location"] = Location(experiment),
            ["request_time"] = "2026-01-01T00:00:01.123Z",
            ["execution_duration"] = "1.500s",
            ["state"] = "OK",
            ["trace_metadata"] = new JsonObject { ["k"] = "v", ["mlflow.trace.infoFinalized"] = "true" },
            ["tags"] = new JsonObject
            {
                ["mlflow.traceName"] = "alpha",
                ["x"] = "1",
                ["mlflow.artifactLocation"] = $"mlflow-artifacts:/{experiment}/traces/{traceId}/artifacts",
            },
            ["request_preview"] = "req1",
            ["response_preview"] = "resp1",
        };
        Assert.True(JsonNode.DeepEquals(expected, started["trace"]!["trace_info"]), started.ToJsonString());
        var read = await server.TraceInfoAsync(traceId);
        Assert.True(JsonNode.DeepEquals(expected, read), read.ToJsonString());
    }

    [Fact]
    public async Task The_old_call_reads_a_new_trace()
    {
        var experiment = await server.NewExperimentAsync();
        var traceId = await server.NewTraceAsync(experiment, more: new JsonObject { ["execution_duration"] = "1.5s" });

        var info = (await server.GetAsync($"traces/{traceId}/info")).Json["trace_info"]!;

        Assert.Equal(
            (traceId, experiment, 1767225601123L, 1500L, "OK"),
            ((string?)info["request_id"], (string?)info["experiment_id"], (long)info["timestamp_ms"]!, (long)info["execution_time_ms"]!, (string?)info["status"]));
    }

    [Fact]
    public async Task Assessments_can_come_with_the_trace()
    {
        var traceId = await server.NewTraceAsync(await server.NewExperimentAsync(), more: new JsonObject
        {
            ["assessments"] = JsonNode.Parse("""
                [{"assessment_name": "good", "source": {"source_type": "HUMAN", "source_id": "bob"}, "feedback": {"value": true},
                  "create_time": "2026-01-01T00:00:05Z", "last_update_time": "2026-01-01T00:00:05Z"}]
                """),
        });

        var assessment = Assert.Single((await server.TraceInfoAsync(traceId))["assessments"]!.AsArray())!;

        Assert.Matches("^a-[0-9a-f]{32}$", (string?)assessment["assessment_id"]);
        Assert.Equal(("good", traceId, "2026-01-01T00:00:05Z"), ((string?)assessment["assessment_name"], (string?)assessment["trace_id"], (string?)assessment["create_time"]));
        Assert.True((bool)assessment["feedback"]!["value"]! && (bool)assessment["valid"]!);
    }

    [Fact]
    public async Task A_start_without_a_trace_is_refused() => Invalid(
        await server.PostAsync(Route, new { }),
        "Missing value for required parameter 'trace'. See the API docs for more information about request parameters.");

    [Fact]
    public async Task A_start_without_a_location_is_refused()
    {
        var answer = await server.PostAsync(Route, new { trace = new { trace_info = new { trace_id = NewTraceId() } } });
        Assert.Equal((400, "BAD_REQUEST"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task The_type_of_the_location_must_match() => Invalid(
        await server.PostAsync(Route, new
        {
            trace = new { trace_info = new { trace_id = NewTraceId(), trace_location = new { mlflow_experiment = new { experiment_id = "999" } } } },
        }),
        "Trace location type TraceLocationType.TRACE_LOCATION_TYPE_UNSPECIFIED does not match the provided location MlflowExperimentLocation(experiment_id='999').");

    [Fact]
    public async Task Unknown_traces_are_not_found()
    {
        Missing(await server.GetAsync($"{Route}/tr-nope"), "Trace with ID 'tr-nope' not found.");
        Missing(await server.GetAsync($"{Route}/get?trace_id=tr-nope&allow_partial=true"), "Trace with ID tr-nope is not found.");
        Missing(
            await server.SendAsync(HttpMethod.Patch, "traces/tr-nope", new { timestamp_ms = 1500, status = "OK" }),
            "Trace with ID 'tr-nope' not found.");
    }

    [Fact]
    public async Task A_trace_whose_spans_are_elsewhere_cannot_be_read_whole()
    {
        var answer = await server.GetAsync($"{Route}/get?trace_id={await server.NewTraceAsync()}");
        Refused(answer, 500, "INTERNAL_ERROR", "Trace data not stored in tracking store");
    }

    [Fact]
    public async Task Allow_partial_is_true_or_false() => Invalid(
        await server.GetAsync($"{Route}/get?trace_id=tr-x&allow_partial=yes"), "Invalid boolean value: yes, must be 'true' or 'false'.");

    [Fact]
    public async Task Infos_of_many_traces_leave_out_unknown_ones()
    {
        var traceId = await server.NewTraceAsync();
        var answer = await server.DoAsync($"{Route}/batchGetInfos", new { trace_ids = new[] { "tr-nope", traceId } });
        Assert.Equal(traceId, (string?)Assert.Single(answer["trace_infos"]!.AsArray())!["trace_id"]);
    }

    [Fact]
    public async Task An_old_trace_is_started_and_ended()
    {
        var experiment = await server.NewExperimentAsync();
        var started = (await server.DoAsync("traces", new
        {
            experiment_id = experiment,
            timestamp_ms = 1000,
            request_metadata = new[] { new { key = "a", value = "b" } },
            tags = new[] { new { key = "c", value = "d" } },
        }))["trace_info"]!;
        var traceId = (string)started["request_id"]!;
        Assert.Equal(("IN_PROGRESS", 0L), ((string?)started["status"], (long)started["execution_time_ms"]!));

        var ended = await TrackingSteps.OkAsync(server.SendAsync(HttpMethod.Patch, $"traces/{traceId}", new
        {
            timestamp_ms = 1500,
            status = "OK",
            request_metadata = new[] { new { key = "a2", value = "b" } },
            tags = new[] { new { key = "c", value = "z" } },
        }));

        var info = ended["trace_info"]!;
        Assert.Equal(("OK", 1000L, 500L), ((string?)info["status"], (long)info["timestamp_ms"]!, (long)info["execution_time_ms"]!));
        Assert.Equal(["a2=b", "a=b"], Pairs(info["request_metadata"]));
        Assert.Equal(["c=z", $"mlflow.artifactLocation=mlflow-artifacts:/{experiment}/traces/{traceId}/artifacts"], Pairs(info["tags"]));
        var read = await TrackingSteps.OkAsync(server.GetAsync($"traces/{traceId}/info"));
        Assert.Equal(Pairs(info["request_metadata"]), Pairs(read["trace_info"]!["request_metadata"]));
    }

    private static List<string> Pairs(JsonNode? list) =>
        [.. list!.AsArray().Select(item => $"{item!["key"]}={item["value"]}").Order(StringComparer.Ordinal)];
}
