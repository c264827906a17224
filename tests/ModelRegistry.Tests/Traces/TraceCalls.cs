using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.Traces;

/// <summary>The calls that the tests of traces start with.</summary>
internal static class TraceCalls
{
    public const string Route = "/api/3.0/mlflow/traces";

    public static string NewTraceId() => $"tr-{Guid.NewGuid():N}";

    /// <summary>The body that starts a trace; <paramref name="more"/> is laid over it.</summary>
    public static JsonNode Body(string traceId, string experimentId, string time = "2026-01-01T00:00:01.123Z", JsonObject? more = null)
    {
        var info = new JsonObject
        {
            ["trace_id"] = traceId,
            ["trace_location"] = Location(experimentId),
            ["request_time"] = time,
            ["state"] = "OK",
        };
        foreach (var (key, value) in more ?? [])
            info[key] = value?.DeepClone();
        return new JsonObject { ["trace"] = new JsonObject { ["trace_info"] = info } };
    }

    public static JsonNode Location(string experimentId) => new JsonObject
    {
        ["type"] = "MLFLOW_EXPERIMENT",
        ["mlflow_experiment"] = new JsonObject { ["experiment_id"] = experimentId },
    };

    public static async Task<string> NewTraceAsync(
        this ServerFixture server, string experimentId, string time = "2026-01-01T00:00:01.123Z", JsonObject? more = null)
    {
        var traceId = NewTraceId();
        await server.DoAsync(Route, Body(traceId, experimentId, time, more));
        return traceId;
    }

    public static async Task<string> NewTraceAsync(this ServerFixture server) => await server.NewTraceAsync(await server.NewExperimentAsync());

    public static async Task<JsonNode> TraceInfoAsync(this ServerFixture server, string traceId) =>
        (await TrackingSteps.OkAsync(server.GetAsync($"{Route}/{traceId}")))["trace"]!["trace_info"]!;

    public static Task<Answer> SearchTracesAsync(
        this ServerFixture server, string experimentId, string? filter = null, string[]? order = null, int? max = null, string? token = null) =>
        server.PostAsync($"{Route}/search", new
        {
            locations = new[] { Location(experimentId) }, filter, order_by = order, max_results = max, page_token = token,
        });

    public static async Task<List<string>> FindTracesAsync(
        this ServerFixture server, string experimentId, string? filter = null, string[]? order = null)
    {
        var answer = await server.SearchTracesAsync(experimentId, filter, order);
        Assert.True(answer.Status == 200, answer.Text);
        return TrackingSteps.Pluck<string>(answer.Json["traces"], "trace_id");
    }

    public static async Task<JsonNode> AssessAsync(this ServerFixture server, string traceId, string assessment) =>
        (await server.DoAsync($"{Route}/{traceId}/assessments", new { assessment = JsonNode.Parse(assessment) }))["assessment"]!;

    public static void Refused(Answer answer, int status, string code, string message) =>
        Assert.Equal((status, code, message), (answer.Status, answer.ErrorCode, answer.Message));

    public static void Invalid(Answer answer, string message) => Refused(answer, 400, "INVALID_PARAMETER_VALUE", message);

    public static void Missing(Answer answer, string message) => Refused(answer, 404, "RESOURCE_DOES_NOT_EXIST", message);
}
