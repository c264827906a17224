using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;
using static ModelRegistry.Tests.Traces.TraceCalls;

namespace ModelRegistry.Tests.Traces;

public sealed class AssessmentTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Feedback = """
        {"assessment_name": "q", "source": {"source_type": "LLM_JUDGE", "source_id": "m"}, "feedback": {"value": "old"},
         "rationale": "why", "metadata": {"k": "v"}}
        """;

    [Theory]
    [InlineData("""{"feedback": {"value": {"a": [1, 2.5, "x", null]}}, "rationale": "why", "metadata": {"k": "v"}}""")]
    [InlineData("""{"expectation": {"value": "gold"}}""")]
    [InlineData("""{"expectation": {"serialized_value": {"serialization_format": "JSON_FORMAT", "value": "{\"a\": 1}"}}}""")]
    [InlineData("""{"feedback": {"value": null, "error": {"error_code": "E", "error_message": "boom", "stack_trace": "st"}}}""")]
    public async Task An_assessment_is_read_as_it_was_created(string json)
    {
        var traceId = await server.NewTraceAsync();
        var sent = JsonNode.Parse(json)!.AsObject();
        sent["assessment_name"] = "q";
        sent["source"] = new JsonObject { ["source_type"] = "HUMAN", ["source_id"] = "x" };

        var created = (await server.AssessAsync(traceId, sent.ToJsonString())).AsObject();

        Assert.Matches("^a-[0-9a-f]{32}$", (string?)created["assessment_id"]);
        var read = (await GetAsync(traceId, (string)created["assessment_id"]!)).Json["assessment"]!;
        Assert.True(JsonNode.DeepEquals(created, read), read.ToJsonString());
        Assert.Equal((traceId, true), ((string?)created["trace_id"], (bool)created["valid"]!));
        Assert.Equal((string?)created["create_time"], (string?)created["last_update_time"]);
        foreach (var (field, value) in sent)
            Assert.True(JsonNode.DeepEquals(Numbers(value!), Numbers(created[field]!)), created.ToJsonString());
    }

    [Fact]
    public async Task An_assessment_is_needed() => Invalid(
        await server.PostAsync($"{Route}/tr-x/assessments", new { }),
        "Missing value for required parameter 'assessment'. See the API docs for more information about request parameters.");

    [Fact]
    public async Task An_assessment_without_a_value_is_refused() => Invalid(
        await server.PostAsync($"{Route}/{await server.NewTraceAsync()}/assessments", new { assessment = new { assessment_name = "fe" } }),
        "Unknown assessment type: None");

    [Fact]
    public async Task An_unknown_trace_takes_no_assessment()
    {
        var answer = await server.PostAsync($"{Route}/tr-nope/assessments", new { assessment = JsonNode.Parse(Feedback) });
        Assert.Equal((400, "BAD_REQUEST"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task Unknown_assessments_are_not_found()
    {
        var traceId = await server.NewTraceAsync();
        Missing(await GetAsync(traceId, "a-no"), $"Assessment with ID 'a-no' not found for trace '{traceId}'");
        Missing(await GetAsync("tr-no", "a-no"), "Trace with request_id 'tr-no' not found");
    }

    [Fact]
    public async Task Overriding_invalidates_and_deleting_the_override_restores()
    {
        var traceId = await server.NewTraceAsync();
        var first = (string)(await server.AssessAsync(traceId, Feedback))["assessment_id"]!;
        var second = await server.AssessAsync(traceId, $$"""
            {"assessment_name": "q", "source": {"source_type": "HUMAN", "source_id": "h"}, "feedback": {"value": 1}, "overrides": "{{first}}"}
            """);
        Assert.Equal((first, true), ((string?)second["overrides"], (bool)second["valid"]!));
        Assert.False((bool)(await GetAsync(traceId, first)).Json["assessment"]!["valid"]!);

        await TrackingSteps.OkAsync(server.SendAsync(HttpMethod.Delete, Path(traceId, (string)second["assessment_id"]!)));

        Assert.True((bool)(await GetAsync(traceId, first)).Json["assessment"]!["valid"]!);
    }

    [Fact]
    public async Task An_unknown_assessment_cannot_be_overridden()
    {
        var body = JsonNode.Parse(Feedback)!;
        body["overrides"] = "a-no";
        Missing(
            await server.PostAsync($"{Route}/{await server.NewTraceAsync()}/assessments", new { assessment = body }),
            "Assessment with ID 'a-no' not found for trace '{trace_id}'");
    }

    [Fact]
    public async Task Only_valid_assessments_are_searched()
    {
        var experiment = await server.NewExperimentAsync();
        var traceId = await server.NewTraceAsync(experiment);
        var first = (string)(await server.AssessAsync(traceId, Feedback))["assessment_id"]!;
        Assert.Equal([traceId], await server.FindTracesAsync(experiment, "feedback.q = 'old'"));

        await server.AssessAsync(traceId, $$"""
            {"assessment_name": "q", "source": {"source_type": "HUMAN"}, "feedback": {"value": "new"}, "overrides": "{{first}}"}
            """);

        Assert.Empty(await server.FindTracesAsync(experiment, "feedback.q = 'old'"));
        Assert.Equal([traceId], await server.FindTracesAsync(experiment, "feedback.q = 'new'"));
    }

    [Fact]
    public async Task An_update_changes_what_its_mask_names_and_merges_metadata()
    {
        var traceId = await server.NewTraceAsync();
        var id = (string)(await server.AssessAsync(traceId, Feedback))["assessment_id"]!;

        var updated = (await UpdateAsync(
            traceId, id, """{"assessment_name": "q2", "feedback": {"value": "new"}, "metadata": {"z": "1"}, "rationale": "r2"}""",
            "assessmentName,feedback,metadata")).Json["assessment"]!;

        Assert.Equal(("q2", "new", "why"), ((string?)updated["assessment_name"], (string?)updated["feedback"]!["value"], (string?)updated["rationale"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"k": "v", "z": "1"}"""), updated["metadata"]), updated.ToJsonString());
        var read = (await GetAsync(traceId, id)).Json["assessment"]!;
        Assert.True(JsonNode.DeepEquals(updated, read), read.ToJsonString());
    }

    [Fact]
    public async Task Names_that_the_mask_does_not_know_change_nothing()
    {
        var traceId = await server.NewTraceAsync();
        var id = (string)(await server.AssessAsync(traceId, Feedback))["assessment_id"]!;
        var answer = await UpdateAsync(traceId, id, """{"assessment_name": "q3"}""", "assessment_name");
        Assert.Equal((200, "q"), (answer.Status, (string?)answer.Json["assessment"]!["assessment_name"]));
    }

    [Fact]
    public async Task A_feedback_does_not_become_an_expectation()
    {
        var traceId = await server.NewTraceAsync();
        var id = (string)(await server.AssessAsync(traceId, Feedback))["assessment_id"]!;
        Invalid(
            await UpdateAsync(traceId, id, """{"expectation": {"value": "new"}}""", "expectation"),
            "Cannot update expectation value on a Feedback assessment.");
        Invalid(
            await server.SendAsync(HttpMethod.Patch, Path(traceId, id), new { assessment = new { rationale = "x" } }),
            "Missing value for required parameter 'update_mask'. See the API docs for more information about request parameters.");
    }

    [Fact]
    public async Task An_assessment_can_be_deleted_twice()
    {
        var traceId = await server.NewTraceAsync();
        var id = (string)(await server.AssessAsync(traceId, Feedback))["assessment_id"]!;
        for (var i = 0; i < 2; i++)
        {
            var answer = await server.SendAsync(HttpMethod.Delete, Path(traceId, id));
            Assert.Equal((200, "{}"), (answer.Status, answer.Text));
        }

        Assert.Equal(404, (await GetAsync(traceId, id)).Status);
        Assert.Null((await server.TraceInfoAsync(traceId))["assessments"]);
    }

    private static string Path(string traceId, string id) => $"{Route}/{traceId}/assessments/{id}";

    private Task<Answer> GetAsync(string traceId, string id) => server.GetAsync(Path(traceId, id));

    private Task<Answer> UpdateAsync(string traceId, string id, string assessment, string mask) =>
        server.SendAsync(HttpMethod.Patch, Path(traceId, id), new { assessment = JsonNode.Parse(assessment), update_mask = mask });

    /// <summary>Numbers come back as 1.0, which is 1.</summary>
    private static JsonNode? Numbers(JsonNode value) => JsonNode.Parse(value.ToJsonString().Replace("1.0", "1", StringComparison.Ordinal));
}
