using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Recordings;
using ModelRegistry.Tests.Traces;
using ModelRegistry.Tests.Tracking;
using Xunit;
using static ModelRegistry.Tests.Traces.TraceCalls;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>Files of traces: written and read through the artifact proxy by clients, downloaded by the web pages.</summary>
public sealed class TraceArtifactTests(ArtifactServer server) : IClassFixture<ArtifactServer>
{
    private const string Download = "/ajax-api/3.0/mlflow/get-trace-artifact";
    private const string Data = """{"spans": [{"name": "ü"}]}""";

    [Theory]
    [InlineData("2.0")]
    [InlineData("3.0")]
    public async Task Trace_data_that_a_client_has_stored_as_a_file_is_downloaded_as_it_is(string version)
    {
        var (traceId, folder) = await NewTraceAsync();
        await server.PutAsync($"{folder}/traces.json", Data);
        var target = $"/ajax-api/{version}/mlflow/get-trace-artifact?request_id={traceId}";

        var answer = await server.SendRawAsync("GET", target);
        var head = await server.SendRawAsync("HEAD", target);

        Assert.Equal((200, Data), (answer.Status, answer.Text()));
        Assert.Equal(
            ("text/plain", "attachment; filename=traces.json", "nosniff"),
            (answer.Header("content-type"), answer.Header("content-disposition"), answer.Header("x-content-type-options")));
        Assert.Equal((200, "", answer.Header("content-length")), (head.Status, head.Text(), head.Header("content-length")));
    }

    [Fact]
    public async Task An_empty_file_is_no_trace_data()
    {
        var (traceId, folder) = await NewTraceAsync();
        await server.PutAsync($"{folder}/traces.json", "");

        var answer = await server.GetAsync($"{Download}?request_id={traceId}");

        Assert.Equal((404, "NOT_FOUND"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task An_attachment_is_stored_through_the_proxy_and_downloaded_by_its_id()
    {
        var (traceId, folder) = await NewTraceAsync();
        var id = Guid.NewGuid().ToString();
        await server.PutAsync($"{folder}/attachments/{id}", "\u0089PNG");
        var target = $"{Download}?request_id={traceId}&path={id}";

        var answer = await server.SendRawAsync("GET", target);
        var part = await server.SendRawAsync("GET", target, null, ("range", "bytes=2-"));

        Assert.Equal([id], await server.ListAsync($"{folder}/attachments"));
        Assert.Equal((200, "\u0089PNG"), (answer.Status, answer.Text()));
        Assert.Equal(
            ("application/octet-stream", $"attachment; filename={id}", "nosniff"),
            (answer.Header("content-type"), answer.Header("content-disposition"), answer.Header("x-content-type-options")));
        Assert.Equal((206, "PNG"), (part.Status, part.Text()));
    }

    [Theory]
    [InlineData("foo")]
    [InlineData("A6E1F0A2-54F6-4D5B-9F65-6A6E1D0F2B11")]
    [InlineData("a6e1f0a254f64d5b9f656a6e1d0f2b11")]
    [InlineData("attachments/a6e1f0a2-54f6-4d5b-9f65-6a6e1d0f2b11")]
    public async Task An_attachment_is_named_by_its_canonical_id(string path)
    {
        var (traceId, _) = await NewTraceAsync();

        Invalid(
            await server.GetAsync($"{Download}?request_id={traceId}&path={path}"),
            $"Invalid attachment path: '{path}'. Attachment path must be a valid UUID.");
    }

    [Fact]
    public async Task What_is_not_there_or_outside_is_refused()
    {
        var (traceId, _) = await NewTraceAsync();
        var id = Guid.NewGuid();

        Missing(await server.GetAsync($"{Download}?request_id=tr-nope"), "Trace with ID tr-nope is not found.");
        Missing(await server.GetAsync($"{Download}?request_id=tr-nope&path={id}"), "Trace with ID 'tr-nope' not found.");
        Assert.Equal(404, (await server.GetAsync($"{Download}?request_id={traceId}&path={id}")).Status);
        Invalid(await server.GetAsync($"{Download}?request_id={traceId}&path=../traces.json"), "Invalid path");
    }

    /// <returns>The trace, and its folder as the proxy names it.</returns>
    private async Task<(string TraceId, string Folder)> NewTraceAsync()
    {
        var traceId = await server.NewTraceAsync(await server.NewExperimentAsync());
        var location = (string)(await server.TraceInfoAsync(traceId))["tags"]!["mlflow.artifactLocation"]!;
        return (traceId, location["mlflow-artifacts:/".Length..]);
    }
}
