using System.Buffers.Binary;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;
using static ModelRegistry.Tests.Traces.TraceCalls;

namespace ModelRegistry.Tests.Traces;

/// <summary>Spans by OpenTelemetry's protocol, and what is read of them.</summary>
public sealed class OtlpTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string SpanId = "b7ad6b7169203331";
    private const string Attributes = """
        [{"key": "mlflow.spanInputs", "value": {"stringValue": "{\"a\":1}"}},
         {"key": "n", "value": {"intValue": "5"}}]
        """;

    [Fact]
    public async Task A_root_span_makes_a_trace()
    {
        var (hex, experiment) = (NewHex(), await server.NewExperimentAsync());

        using var answer = await SendJsonAsync(experiment, Export(hex, Span("root", SpanId, attributes: Attributes)));

        Assert.Equal((200, "application/x-protobuf", 0L), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, answer.Content.Headers.ContentLength));
        var expected = new JsonObject
        {
            ["trace_id"] = $"tr-{hex}",
            ["trace_location"] = Location(experiment),
            ["request_time"] = "2023-11-14T22:13:20Z",
            ["execution_duration"] = "1s",
            ["state"] = "OK",
            ["tags"] = new JsonObject
            {
                ["mlflow.artifactLocation"] = $"mlflow-artifacts:/{experiment}/traces/tr-{hex}/artifacts",
                ["mlflow.trace.spansLocation"] = "TRACKING_STORE",
            },
            ["request_preview"] = "{\"a\":1}",
        };
        var info = await server.TraceInfoAsync($"tr-{hex}");
        Assert.True(JsonNode.DeepEquals(expected, info), info.ToJsonString());
    }

    [Fact]
    public async Task The_whole_trace_has_its_spans()
    {
        var (hex, experiment) = (NewHex(), await server.NewExperimentAsync());
        await StoreAsync(experiment, Export(hex, Span("root", SpanId, attributes: Attributes)));

        var whole = await TrackingSteps.OkAsync(server.GetAsync($"{Route}/get?trace_id=tr-{hex}"));
        var batch = await TrackingSteps.OkAsync(server.GetAsync($"{Route}/batchGet?trace_ids=tr-nope&trace_ids=tr-{hex}"));

        var span = Assert.Single(whole["trace"]!["spans"]!.AsArray())!;
        Assert.Equal(
            (Convert.ToBase64String(Convert.FromHexString(hex)), "t61rcWkgMzE=", "root", "STATUS_CODE_OK"),
            ((string?)span["trace_id"], (string?)span["span_id"], (string?)span["name"], (string?)span["status"]!["code"]));
        Assert.Equal((1700000000000000000, 1700000001000000000), ((long)span["start_time_unix_nano"]!, (long)span["end_time_unix_nano"]!));
        var request = span["attributes"]!.AsArray().Single(one => (string?)one!["key"] == "mlflow.traceRequestId")!;
        Assert.Equal($"tr-{hex}", (string?)request["value"]!["string_value"]);
        Assert.True(JsonNode.DeepEquals(whole["trace"], Assert.Single(batch["traces"]!.AsArray())), batch.ToJsonString());
    }

    [Theory]
    [InlineData("2.0")]
    [InlineData("3.0")]
    public async Task The_spans_are_downloaded_as_a_file(string version)
    {
        var hex = NewHex();
        await StoreAsync(await server.NewExperimentAsync(), Export(hex, Span("root", SpanId, attributes: Attributes)));

        using var answer = await server.Client.GetAsync($"/ajax-api/{version}/mlflow/get-trace-artifact?request_id=tr-{hex}");

        Assert.Equal(("text/plain", "attachment; filename=traces.json"), (answer.Content.Headers.ContentType?.MediaType, answer.Content.Headers.ContentDisposition?.ToString()));
        var expected = $$$"""
            {"spans": [{"trace_id": "{{{Convert.ToBase64String(Convert.FromHexString(hex))}}}", "span_id": "t61rcWkgMzE=", "parent_span_id": null,
             "name": "root", "start_time_unix_nano": 1700000000000000000, "end_time_unix_nano": 1700000001000000000, "events": [],
             "status": {"code": "STATUS_CODE_OK", "message": ""},
             "attributes": {"mlflow.traceRequestId": "\"tr-{{{hex}}}\"", "mlflow.spanInputs": "{\"a\":1}", "n": "5"}}]}
            """;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(text)), text);
    }

    [Fact]
    public async Task Trace_data_that_is_nowhere_is_not_found()
    {
        const string path = "/ajax-api/3.0/mlflow/get-trace-artifact";
        var traceId = await server.NewTraceAsync();
        var answer = await server.GetAsync($"{path}?request_id={traceId}");
        Assert.Equal((404, "NOT_FOUND"), (answer.Status, answer.ErrorCode));
        Assert.StartsWith("Trace data not found for path=", answer.Message);
        Refused(await server.GetAsync(path), 400, "BAD_REQUEST", "Request must include the \"request_id\" query parameter.");
        Invalid(
            await server.GetAsync($"{path}?request_id={traceId}&path=foo"),
            "Invalid attachment path: 'foo'. Attachment path must be a valid UUID.");
    }

    [Fact]
    public async Task A_child_span_begins_the_trace_and_the_root_span_completes_it()
    {
        var (hex, experiment) = (NewHex(), await server.NewExperimentAsync());
        await StoreAsync(experiment, Export(hex, Span("child", "00000000000000c1", parent: SpanId)));
        Assert.Equal("IN_PROGRESS", (string?)(await server.TraceInfoAsync($"tr-{hex}"))["state"]);

        await StoreAsync(experiment, Export(hex, Span("root", SpanId, status: 2)));

        Assert.Equal("ERROR", (string?)(await server.TraceInfoAsync($"tr-{hex}"))["state"]);
    }

    [Fact]
    public async Task A_span_that_is_sent_again_replaces_the_first()
    {
        var (hex, experiment) = (NewHex(), await server.NewExperimentAsync());
        foreach (var name in (string[])["first", "second"])
            await StoreAsync(experiment, Export(hex, Span(name, SpanId)));

        var whole = await TrackingSteps.OkAsync(server.GetAsync($"{Route}/get?trace_id=tr-{hex}"));

        Assert.Equal("second", (string?)Assert.Single(whole["trace"]!["spans"]!.AsArray())!["name"]);
    }

    [Fact]
    public async Task A_structured_input_is_previewed_as_JSON()
    {
        var hex = NewHex();
        await StoreAsync(await server.NewExperimentAsync(), Export(hex, Span("root", SpanId, attributes: """
            [{"key": "mlflow.spanInputs", "value": {"kvlistValue": {"values": [{"key": "a", "value": {"intValue": "1"}}]}}}]
            """)));
        Assert.Equal("{\"a\": 1}", (string?)(await server.TraceInfoAsync($"tr-{hex}"))["request_preview"]);
    }

    [Fact]
    public async Task Session_and_user_go_to_the_metadata()
    {
        var (hex, experiment) = (NewHex(), await server.NewExperimentAsync());
        await StoreAsync(experiment, Export(hex, Span("root", SpanId, attributes: """
            [{"key": "session.id", "value": {"stringValue": "s1"}}, {"key": "user.id", "value": {"stringValue": "u1"}}]
            """)));

        var metadata = (await server.TraceInfoAsync($"tr-{hex}"))["trace_metadata"]!;

        // As JSON, like every attribute of a span.
        Assert.Equal(("\"s1\"", "\"u1\""), ((string?)metadata["mlflow.trace.session"], (string?)metadata["mlflow.trace.user"]));
    }

    [Fact]
    public async Task Traces_are_found_by_their_spans()
    {
        var (hex, experiment) = (NewHex(), await server.NewExperimentAsync());
        await StoreAsync(experiment, Export(hex, Span("root", SpanId, attributes: Attributes), Span("child", "00000000000000c1", parent: SpanId, status: 2)));
        await StoreAsync(experiment, Export(NewHex(), Span("other", SpanId)));

        foreach (var filter in (string[])["span.name = 'root'", "span.name LIKE 'ro%'", "span.status = 'ERROR'", "span.attributes.n LIKE '%5%'",
            "span.content LIKE '%root%'", "trace.text LIKE '%root%'", "span.name = 'child' AND span.status = 'ERROR'"])
            Assert.True(await server.FindTracesAsync(experiment, filter) is [var found] && found == $"tr-{hex}", filter);
        // Both hold, but for different spans.
        Assert.Empty(await server.FindTracesAsync(experiment, "span.name = 'root' AND span.status = 'ERROR'"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Spans_can_come_as_protobuf_and_compressed(string? encoding)
    {
        var (hex, experiment) = (NewHex(), await server.NewExperimentAsync());
        using var content = new ByteArrayContent(Compress(Protobuf(hex), encoding));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);

        using var answer = await SendAsync(experiment, content);

        Assert.Equal((200, ""), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        var whole = await TrackingSteps.OkAsync(server.GetAsync($"{Route}/get?trace_id=tr-{hex}"));
        Assert.Equal("OK", (string?)whole["trace"]!["trace_info"]!["state"]);
        var span = Assert.Single(whole["trace"]!["spans"]!.AsArray())!;
        Assert.Equal(("proto", 1700000001000000000), ((string?)span["name"], (long)span["end_time_unix_nano"]!));
    }

    [Theory]
    [InlineData("application/json", "{", 400, """{"detail": "Invalid OpenTelemetry format"}""")]
    [InlineData("application/json", "{}", 400, """{"detail": "Invalid OpenTelemetry format - no spans found"}""")]
    [InlineData("application/x-protobuf", "\u0001\u0002\u0003", 400, """{"detail": "Invalid OpenTelemetry format"}""")]
    [InlineData("text/plain", "x", 400, """{"detail": "Invalid Content-Type: text/plain. Expected: application/x-protobuf or application/json"}""")]
    public async Task What_are_no_spans_is_refused(string type, string body, int status, string expected)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var answer = await SendAsync("0", content);
        await AssertRefusedAsync(answer, status, expected);
    }

    [Fact]
    public async Task The_experiment_is_required()
    {
        using var answer = await SendJsonAsync(null, Export(NewHex(), Span("root", SpanId)));
        await AssertRefusedAsync(
            answer, 422, """{"detail": [{"type": "missing", "loc": ["header", "x-mlflow-experiment-id"], "msg": "Field required", "input": null}]}""");
    }

    [Fact]
    public async Task The_experiment_must_be_there()
    {
        using var answer = await SendJsonAsync("9999", Export(NewHex(), Span("root", SpanId)));
        Missing(new Answer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()), "No Experiment with id=9999 exists");
    }

    [Fact]
    public async Task There_is_nothing_to_get()
    {
        var answer = await server.GetAsync("/v1/traces");
        Assert.Equal(404, answer.Status);
        Assert.Contains("<title>404 Not Found</title>", answer.Text);
    }

    private static string NewHex() => Guid.NewGuid().ToString("N");

    private static string Span(string name, string id, string? parent = null, int status = 1, string attributes = "[]") => $$$"""
        {"traceId": "TRACE", "spanId": "{{{id}}}", "parentSpanId": "{{{parent}}}", "name": "{{{name}}}", "kind": 1, "startTimeUnixNano": "1700000000000000000",
         "endTimeUnixNano": "1700000001000000000", "attributes": {{{attributes}}}, "status": {"code": {{{status}}}}}
        """;

    private static string Export(string hex, params string[] spans) =>
        $$$"""{"resourceSpans": [{"scopeSpans": [{"spans": [{{{string.Join(',', spans).Replace("TRACE", hex)}}}]}]}]}""";

    private async Task<HttpResponseMessage> SendAsync(string? experiment, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces") { Content = content };
        if (experiment is not null)
            request.Headers.Add("x-mlflow-experiment-id", experiment);
        return await server.Client.SendAsync(request);
    }

    private Task<HttpResponseMessage> SendJsonAsync(string? experiment, string json) =>
        SendAsync(experiment, new StringContent(json, Encoding.UTF8, "application/json"));

    private async Task StoreAsync(string experiment, string json)
    {
        using var answer = await SendJsonAsync(experiment, json);
        Assert.True((int)answer.StatusCode == 200, await answer.Content.ReadAsStringAsync());
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage answer, int status, string expected)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(text)), text);
    }

    private static byte[] Compress(byte[] body, string? encoding)
    {
        var target = new MemoryStream();
        using (Stream? stream = encoding switch { "gzip" => new GZipStream(target, CompressionMode.Compress), "deflate" => new ZLibStream(target, CompressionMode.Compress), _ => null })
            stream?.Write(body);
        return encoding is null ? body : target.ToArray();
    }

    /// <summary>One root span as ExportTraceServiceRequest, field by field.</summary>
    private static byte[] Protobuf(string hex)
    {
        byte[] span =
        [
            .. Field(1, Convert.FromHexString(hex)), .. Field(2, Convert.FromHexString(SpanId)), .. Field(5, "proto"u8.ToArray()),
            .. Fixed(7, 1700000000000000000), .. Fixed(8, 1700000001000000000), .. Field(15, [3 << 3, 1]),
        ];
        return Field(1, Field(2, Field(2, span)));
    }

    /// <summary>A field with a length, which must be less than 128.</summary>
    private static byte[] Field(int number, byte[] value) => [(byte)((number << 3) | 2), (byte)value.Length, .. value];

    private static byte[] Fixed(int number, ulong value)
    {
        var bytes = new byte[9];
        bytes[0] = (byte)((number << 3) | 1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), value);
        return bytes;
    }
}
