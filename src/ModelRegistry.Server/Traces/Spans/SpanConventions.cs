using System.Collections.Frozen;

namespace ModelRegistry.Server.Traces.Spans;

/// <summary>The conventions MLflow knows, in the order in which it asks them. Facts about the libraries; the first answer counts.</summary>
internal static class SpanConventions
{
    private static readonly string[][] GenAiTokens =
    [
        ["gen_ai.usage.input_tokens"], ["gen_ai.usage.output_tokens"], [],
        ["gen_ai.usage.cache_read.input_tokens"], ["gen_ai.usage.cache_creation.input_tokens"],
    ];

    private static readonly SpanConvention OpenInference = new()
    {
        KindKeys = ["openinference.span.kind"],
        Kinds = Same("TOOL", "CHAIN", "LLM", "RETRIEVER", "EMBEDDING", "AGENT", "RERANKER", "UNKNOWN", "GUARDRAIL", "EVALUATOR"),
        TokenKeys = [["llm.token_count.prompt"], ["llm.token_count.completion"], ["llm.token_count.total"]],
        InputKeys = ["input.value"],
        OutputKeys = ["output.value"],
        ModelKeys = ["llm.model_name", "embedding.model_name"],
        ProviderKeys = ["llm.provider"],
    };

    private static readonly SpanConvention GeminiCli = new()
    {
        KindOf = SpecialSpans.GeminiKind,
        InputOf = SpecialSpans.GeminiInput,
        OutputOf = SpecialSpans.GeminiOutput,
        FormatOf = attributes => SpecialSpans.IsGemini(attributes) ? "gemini" : null,
    };

    private static readonly SpanConvention GenAi = new()
    {
        KindKeys = ["gen_ai.operation.name"],
        Kinds = Map(
            ("chat", "CHAT_MODEL"), ("create_agent", "AGENT"), ("embeddings", "EMBEDDING"), ("execute_tool", "TOOL"),
            ("generate_content", "LLM"), ("invoke_agent", "AGENT"), ("text_completion", "LLM"), ("response", "LLM")),
        TokenKeys = GenAiTokens,
        InputKeys = ["gen_ai.input.messages", "gen_ai.tool.call.arguments"],
        OutputKeys = ["gen_ai.output.messages", "gen_ai.tool.call.result"],
        ModelKeys = ["gen_ai.response.model", "gen_ai.request.model"],
        ProviderKeys = ["gen_ai.provider.name"],
        ToolKeys = ["gen_ai.tool.definitions"],
    };

    private static readonly SpanConvention Traceloop = new()
    {
        KindKeys = ["traceloop.span.kind"],
        Kinds = Map(("workflow", "WORKFLOW"), ("task", "TASK"), ("agent", "AGENT"), ("tool", "TOOL"), ("unknown", "UNKNOWN")),
        TokenKeys = [["gen_ai.usage.prompt_tokens"], ["gen_ai.usage.completion_tokens"], ["llm.usage.total_tokens"]],
        InputOf = SpecialSpans.TraceloopInput,
        OutputOf = SpecialSpans.TraceloopOutput,
        ProviderKeys = ["gen_ai.system"],
    };

    private static readonly SpanConvention GoogleAdk = new()
    {
        InputKeys = ["gcp.vertex.agent.llm_request", "gcp.vertex.agent.tool_call_args"],
        OutputKeys = ["gcp.vertex.agent.llm_response", "gcp.vertex.agent.tool_response"],
    };

    private static readonly SpanConvention VercelAi = new()
    {
        KindKeys = [SpecialSpans.VercelOperation],
        Kinds = Map(
            ("ai.generateText", "LLM"), ("ai.generateText.doGenerate", "LLM"), ("ai.toolCall", "TOOL"), ("ai.streamText", "LLM"),
            ("ai.streamText.doStream", "LLM"), ("ai.generateObject", "LLM"), ("ai.generateObject.doGenerate", "LLM"),
            ("ai.streamObject", "LLM"), ("ai.streamObject.doStream", "LLM"), ("ai.embed", "EMBEDDING"),
            ("ai.embed.doEmbed", "EMBEDDING"), ("ai.embedMany", "EMBEDDING")),
        InputOf = SpecialSpans.VercelInput,
        OutputOf = SpecialSpans.VercelOutput,
    };

    private static readonly SpanConvention VoltAgent = new()
    {
        // A child has its parent's entity type, so its own span type is asked first.
        KindKeys = ["span.type", "entity.type"],
        Kinds = Map(("agent", "AGENT"), ("llm", "LLM"), ("tool", "TOOL"), ("memory", "MEMORY")),
        TokenKeys =
        [
            ["usage.prompt_tokens", "llm.usage.prompt_tokens"],
            ["usage.completion_tokens", "llm.usage.completion_tokens"],
            ["usage.total_tokens", "llm.usage.total_tokens"],
        ],
        InputKeys = ["agent.messages", "llm.messages", "input"],
        OutputKeys = ["output"],
        FormatOf = attributes =>
            attributes.ContainsKey("voltagent.operation_id") || attributes.ContainsKey("voltagent.conversation_id") ? "voltagent" : null,
    };

    private static readonly SpanConvention LiveKit = new()
    {
        KindOf = SpecialSpans.LiveKitKind,
        InputKeys = ["lk.user_input", "lk.user_transcript", "lk.chat_ctx", "lk.input_text"],
        OutputKeys = ["lk.response.text", "lk.response.function_calls"],
        FormatOf = attributes => attributes.Keys.Any(key => key.StartsWith("lk.", StringComparison.Ordinal)) ? "livekit" : null,
    };

    private static readonly SpanConvention Laminar = new()
    {
        KindKeys = ["lmnr.span.type"],
        Kinds = Map(
            ("LLM", "LLM"), ("TOOL", "TOOL"), ("DEFAULT", "CHAIN"), ("PIPELINE", "CHAIN"), ("EXECUTOR", "AGENT"),
            ("EVALUATOR", "EVALUATOR"), ("HUMAN_EVALUATOR", "EVALUATOR"), ("EVALUATION", "EVALUATOR"), ("CACHED", "LLM")),
        InputKeys = ["lmnr.span.input"],
        OutputKeys = ["lmnr.span.output"],
        FormatOf = attributes => attributes.ContainsKey("lmnr.span.type") ? "openai" : null,
    };

    private static readonly SpanConvention Langfuse = new()
    {
        KindKeys = ["langfuse.observation.type"],
        Kinds = Map(
            ("generation", "LLM"), ("embedding", "EMBEDDING"), ("tool", "TOOL"), ("retriever", "RETRIEVER"), ("agent", "AGENT"),
            ("chain", "CHAIN"), ("evaluator", "EVALUATOR"), ("guardrail", "GUARDRAIL"), ("span", "UNKNOWN")),
        InputKeys = ["langfuse.observation.input"],
        OutputKeys = ["langfuse.observation.output"],
    };

    public static readonly SpanConvention[] All =
        [OpenInference, GeminiCli, GenAi, Traceloop, GoogleAdk, VercelAi, VoltAgent, LiveKit, Laminar, Langfuse];

    private static FrozenDictionary<string, string> Same(params string[] names) => names.ToFrozenDictionary(name => name);

    private static FrozenDictionary<string, string> Map(params (string Kind, string Type)[] pairs) =>
        pairs.ToFrozenDictionary(pair => pair.Kind, pair => pair.Type);
}
