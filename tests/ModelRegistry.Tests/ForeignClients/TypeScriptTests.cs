using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.ForeignClients;

/// <summary>
/// The calls of MLflow's TypeScript SDK. The addresses for uploads that it asks for on Databricks
/// (<c>credentials-for-data-upload</c>) are none of an MLflow server: here it writes through the artifact proxy.
/// </summary>
public sealed class TypeScriptTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Traces = "/api/3.0/mlflow/traces";
    private const string Artifacts = "/api/2.0/mlflow-artifacts/artifacts";

    [Fact]
    public async Task A_trace_is_created_with_its_times_in_the_forms_of_javascript()
    {
        var (traceId, info) = await CreateAsync();
        var read = (await server.SucceedAsync("GET", $"{Traces}/{traceId}"))["trace"]!["trace_info"]!;

        Assert.Equal(info.ToJsonString(), read.ToJsonString());
        Assert.Equal(
            (traceId, "2025-06-01T12:00:00.250Z", "0.125s", "OK", "{\"a\":1}"),
            ((string?)read["trace_id"], (string?)read["request_time"], (string?)read["execution_duration"], (string?)read["state"], (string?)read["request_preview"]));
        Assert.Equal("""{"input_tokens":5,"output_tokens":7,"total_tokens":12}""", (string?)read["trace_metadata"]!["mlflow.trace.tokenUsage"]);
    }

    [Fact]
    public async Task The_spans_are_put_below_the_location_that_the_answer_names_and_read_from_there()
    {
        var (traceId, info) = await CreateAsync();
        var location = new Uri((string)info["tags"]!["mlflow.artifactLocation"]!);
        const string spans = """
            {"spans":[{"trace_id":"AAAAAAAAAAAAAAAAAAAAAQ==","span_id":"AAAAAAAAAAE=","parent_span_id":"","name":"f","start_time_unix_nano":1748779200250000001,
            "end_time_unix_nano":1748779200375000000,"status":{"code":"STATUS_CODE_OK","message":""},"attributes":{"mlflow.spanType":"\"LLM\""},"events":[]}]}
            """;

        Assert.Equal("mlflow-artifacts", location.Scheme);
        await server.SucceedAsync("PUT", $"{Artifacts}{location.AbsolutePath}/traces.json", spans);
        var read = await server.RequestAsync("GET", $"{Artifacts}{location.AbsolutePath}/traces.json");
        var shown = await server.RequestAsync("GET", $"/ajax-api/3.0/mlflow/get-trace-artifact?request_id={traceId}");

        Assert.Equal((200, spans), (read.Status, read.Text));
        Assert.Equal((200, spans), (shown.Status, shown.Text));
    }

    [Fact]
    public async Task Experiments_are_created_and_deleted()
    {
        var created = await server.SucceedAsync("POST", "experiments/create", $$"""{"name": "{{TrackingCalls.UniqueName()}}"}""");

        var deleted = await server.RequestAsync("POST", "experiments/delete", $$"""{"experiment_id": "{{created["experiment_id"]}}"}""");

        Assert.Equal((200, "{}"), (deleted.Status, deleted.Text));
    }

    [Theory]
    [InlineData("credentials-for-data-upload")]
    [InlineData("credentials-for-data-download")]
    public async Task Addresses_of_databricks_are_not_found(string call)
    {
        var (traceId, _) = await CreateAsync();

        Assert.Equal(404, (await server.RequestAsync("GET", $"/api/2.0/mlflow/traces/{traceId}/{call}")).Status);
    }

    private async Task<(string TraceId, System.Text.Json.Nodes.JsonNode Info)> CreateAsync()
    {
        var (traceId, experiment) = ($"tr-{Guid.NewGuid():N}", await server.NewExperimentAsync());
        var answer = await server.SucceedAsync(
            "POST", Traces,
            $$$"""
            {"trace": {"trace_info": {
              "trace_id": "{{{traceId}}}", "client_request_id": "{{{traceId}}}",
              "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "{{{experiment}}}"} },
              "request_preview": "{\"a\":1}", "response_preview": "\"b\"", "request_time": "2025-06-01T12:00:00.250Z", "execution_duration": "0.125s",
              "state": "OK",
              "trace_metadata": {"mlflow.trace_schema.version": "3", "mlflow.trace.tokenUsage": "{\"input_tokens\":5,\"output_tokens\":7,\"total_tokens\":12}"},
              "tags": {"mlflow.traceName": "f"}, "assessments": []} } }
            """);
        return (traceId, answer["trace"]!["trace_info"]!);
    }
}
