using ModelRegistry.Server.Python;
using ModelRegistry.Server.Traces.Otlp;
using ModelRegistry.Server.Traces.Spans;
using Xunit;

namespace ModelRegistry.Tests.Traces.Spans;

/// <summary>What MLflow's own server made of the same spans.</summary>
public sealed class SpanTranslationTests
{
    private const string Type = "mlflow.spanType";
    private const string Inputs = "mlflow.spanInputs";
    private const string Outputs = "mlflow.spanOutputs";
    private const string Usage = "mlflow.chat.tokenUsage";
    private const string Model = "mlflow.llm.model";
    private const string Format = "mlflow.message.format";

    public static TheoryData<string, string, string?> Cases => new()
    {
        { """{"gen_ai.operation.name": "chat"}""", Type, "\"CHAT_MODEL\"" },
        { """{"gen_ai.operation.name": "unheard of"}""", Type, null },
        { """{"gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 4}""", Usage, """{"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}""" },
        { """{"gen_ai.usage.input_tokens": 3, "gen_ai.usage.cache_read.input_tokens": 1}""", Usage, """{"input_tokens": 3, "cache_read_input_tokens": 1}""" },
        { """{"gen_ai.response.model": "b", "gen_ai.request.model": "a"}""", Model, "\"b\"" },
        { """{"gen_ai.provider.name": "acme"}""", "mlflow.llm.provider", "\"acme\"" },
        { """{"gen_ai.tool.definitions": "[{\"x\":1}]"}""", "mlflow.chat.tools", """[{"x":1}]""" },
        { """{"gen_ai.input.messages": "[1]"}""", Inputs, "[1]" },
        { """{"gen_ai.input.messages": "[]", "gen_ai.tool.call.arguments": "{\"a\": 1}"}""", Inputs, """{"a": 1}""" },
        { """{"openinference.span.kind": "LLM"}""", Type, "\"LLM\"" },
        { """{"mlflow.spanType": "UNKNOWN", "openinference.span.kind": "TOOL"}""", Type, "\"TOOL\"" },
        { """{"mlflow.spanType": "CHAIN", "openinference.span.kind": "TOOL"}""", Type, "\"CHAIN\"" },
        { """{"llm.token_count.prompt": 7, "llm.token_count.completion": 8, "llm.token_count.total": 16}""", Usage, """{"input_tokens": 7, "output_tokens": 8, "total_tokens": 16}""" },
        { """{"traceloop.span.kind": "workflow"}""", Type, "\"WORKFLOW\"" },
        { """{"gen_ai.usage.prompt_tokens": "12"}""", Usage, """{"input_tokens": 12}""" },
        { """{"gen_ai.prompt.0.content": "pc"}""", Inputs, "\"pc\"" },
        { """{"gen_ai.completion.0.content": "cc"}""", Outputs, "\"cc\"" },
        { """{"gcp.vertex.agent.llm_request": "{\"r\":1}"}""", Inputs, """{"r":1}""" },
        { """{"ai.operationId": "ai.toolCall"}""", Type, "\"TOOL\"" },
        { """{"ai.operationId": "ai.generateText.doGenerate", "ai.prompt.messages": "[{\"role\":\"user\"}]", "ai.prompt.tools": ["{\"n\":1}"]}""", Inputs, """{"messages": [{"role": "user"}], "tools": [{"n": 1}]}""" },
        { """{"ai.operationId": "ai.generateText.doGenerate", "ai.prompt.messages": "[]"}""", Format, "vercel_ai" },
        { """{"span.type": "llm", "entity.type": "agent"}""", Type, "\"LLM\"" },
        { """{"voltagent.operation_id": "o"}""", Format, "\"voltagent\"" },
        { """{"lk.agent_name": "ag"}""", Type, "\"AGENT\"" },
        { """{"lk.user_input": "ui"}""", Format, "\"livekit\"" },
        { """{"lmnr.span.type": "EXECUTOR"}""", Type, "\"AGENT\"" },
        { """{"lmnr.span.type": "LLM"}""", Format, "\"openai\"" },
        { """{"langfuse.observation.type": "retriever"}""", Type, "\"RETRIEVER\"" },
        { """{"gen_ai.agent.name": "gemini-cli", "gen_ai.operation.name": "llm_call"}""", Type, "\"LLM\"" },
        { """{"gen_ai.operation.name": "llm_call"}""", Type, null },
        { """{"gen_ai.agent.name": "gemini-cli", "gen_ai.input.messages": "[{\"role\":\"user\"}]"}""", Inputs, """{"contents": [{"role": "user"}]}""" },
        { """{"gen_ai.agent.name": "gemini-cli", "gen_ai.output.messages": "[{\"parts\":[1]},{\"parts\":[2]}]"}""", Outputs, """{"candidates": [{"content": {"role": "model", "parts": [1, 2]}}]}""" },
        { """{"mlflow.spanInputs": {"model": "of inputs"}}""", Model, "\"of inputs\"" },
        { """{"mlflow.spanInputs": {"q": 1}, "input.value": "other"}""", Inputs, """{"q": 1}""" },
        { """{"k": "plain"}""", "k", "\"plain\"" },
        { """{"k": "{\"a\":1}"}""", "k", """{"a":1}""" },
        { """{"k": "\"twice\""}""", "k", "\"twice\"" },
        { """{"k": "5"}""", "k", "\"5\"" },
        { """{"k": "h\u00e9"}""", "k", "\"h\u00e9\"" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Attributes_of_other_libraries_are_read(string attributes, string key, string? expected)
    {
        var span = NewSpan();
        span.Attributes.AddRange((OrderedDictionary<string, object?>)PythonJson.ParseOrKeep(attributes)!);

        Assert.Equal(expected, SpanConversion.ConvertOrNull(span)!.Attributes.GetValueOrDefault(key));
    }

    [Fact]
    public void Messages_can_stand_in_events()
    {
        var span = NewSpan();
        span.Events.Add(Event("gen_ai.user.message", "content", "uu"));
        span.Events.Add(Event("gen_ai.system.message", "content", "\"ss\""));
        span.Events.Add(Event("gen_ai.choice", "content", "cc"));

        var attributes = SpanConversion.ConvertOrNull(span)!.Attributes;

        Assert.Equal("""[{"role": "user", "content": "uu"}, {"role": "system", "content": "ss"}]""", attributes[Inputs]);
        Assert.Equal("""[{"role": "assistant", "content": "cc"}]""", attributes[Outputs]);
    }

    [Theory]
    [InlineData("gemini-cli", "\"gemini-cli\"")]
    [InlineData("my-service", null)]
    public void Only_known_services_are_named(string service, string? expected)
    {
        var span = NewSpan() with { ServiceName = service };

        Assert.Equal(expected, SpanConversion.ConvertOrNull(span)!.Attributes.GetValueOrDefault("service.name"));
    }

    [Fact]
    public void A_span_needs_ids_of_the_right_length()
    {
        Assert.Null(SpanConversion.ConvertOrNull(NewSpan() with { TraceId = [] }));
        Assert.Null(SpanConversion.ConvertOrNull(NewSpan() with { SpanId = [] }));
        Assert.Null(SpanConversion.ConvertOrNull(NewSpan() with { SpanId = new byte[9] }));
        Assert.Equal($"tr-{new string('0', 31)}1", SpanConversion.ConvertOrNull(NewSpan() with { TraceId = [1] })!.TraceId);
    }

    [Fact]
    public void The_content_is_that_of_MLflow()
    {
        var span = NewSpan() with { Name = "r", StartNano = 5, EndNano = 0, StatusCode = 2, StatusMessage = "boom" };
        span.Attributes.Add(new("n", 1L));

        Assert.Equal(
            """
            {"trace_id": "AAAAAAAAAAAAAAAAAAAAAQ==", "span_id": "AAAAAAAAAAI=", "parent_span_id": null, "name": "r", "start_time_unix_nano": 5,
             "end_time_unix_nano": null, "events": [], "status": {"code": "STATUS_CODE_ERROR", "message": "boom"},
             "attributes": {"mlflow.traceRequestId": "\"tr-00000000000000000000000000000001\"", "n": "1"}}
            """.Replace("\n ", " ", StringComparison.Ordinal),
            SpanConversion.ConvertOrNull(span)!.ToContent());
    }

    private static OtlpSpan NewSpan() => new() { TraceId = [.. new byte[15], 1], SpanId = [.. new byte[7], 2] };

    private static OtlpEvent Event(string name, string key, string value)
    {
        var happened = new OtlpEvent { Name = name };
        happened.Attributes.Add(new(key, value));
        return happened;
    }
}
