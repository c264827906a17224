using System.Text.RegularExpressions;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Spans;

/// <summary>What a table of keys cannot say about the libraries of <see cref="SpanConventions"/>.</summary>
internal static partial class SpecialSpans
{
    public const string VercelOperation = "ai.operationId";

    private const string Operation = "gen_ai.operation.name";

    public static bool IsGemini(OrderedDictionary<string, string> attributes) => Value(attributes, "gen_ai.agent.name") is "gemini-cli";

    public static string? GeminiKind(OrderedDictionary<string, string> attributes) => !IsGemini(attributes) ? null : Value(attributes, Operation) switch
    {
        "llm_call" => "LLM",
        "tool_call" => "TOOL",
        "agent_call" => "AGENT",
        _ => null,
    };

    /// <summary>The messages in the envelope that Gemini's own SDK puts them in.</summary>
    public static string? GeminiInput(OrderedDictionary<string, string> attributes)
    {
        if (!IsGemini(attributes) || SpanConvention.First(attributes, "gen_ai.input.messages", "gen_ai.tool.call.arguments") is not { } text)
            return null;
        return PythonJson.ParseOrKeep(text) is (string or List<object?>) and var contents ? PythonJson.Dump(Members("contents", contents)) : text;
    }

    /// <inheritdoc cref="GeminiInput"/>
    public static string? GeminiOutput(OrderedDictionary<string, string> attributes)
    {
        if (!IsGemini(attributes) || SpanConvention.First(attributes, "gen_ai.output.messages", "gen_ai.tool.call.result") is not { } text)
            return null;
        if (PythonJson.ParseOrKeep(text) is not List<object?> messages)
            return text;
        var parts = messages.OfType<OrderedDictionary<string, object?>>()
            .SelectMany(message => message.GetValueOrDefault("parts") as List<object?> ?? []).ToList();
        if (parts.Count == 0)
            return text;
        var content = Members("role", "model");
        content["parts"] = parts;
        return PythonJson.Dump(Members("candidates", new List<object?> { Members("content", content) }));
    }

    public static string? TraceloopInput(OrderedDictionary<string, string> attributes) =>
        SpanConvention.First(attributes, "traceloop.entity.input")
        ?? FirstMatch(attributes, PromptContent()) ?? FirstMatch(attributes, ToolArguments());

    public static string? TraceloopOutput(OrderedDictionary<string, string> attributes) =>
        SpanConvention.First(attributes, "traceloop.entity.output") ?? FirstMatch(attributes, CompletionContent());

    public static string? VercelInput(OrderedDictionary<string, string> attributes)
    {
        if (!IsVercelChat(attributes))
            return SpanConvention.First(attributes, "ai.prompt", "ai.toolCall.args", "ai.value", "ai.values");
        var inputs = Below(attributes, "ai.prompt.");
        if (inputs.GetValueOrDefault("tools") is List<object?> tools)
            inputs["tools"] = tools.ConvertAll(tool => Unwrap(tool));
        attributes[SpanKeys.MessageFormat] = "vercel_ai";
        return inputs.Count == 0 ? null : PythonJson.Dump(inputs);
    }

    public static string? VercelOutput(OrderedDictionary<string, string> attributes)
    {
        if (!IsVercelChat(attributes))
        {
            return SpanConvention.First(
                attributes, "ai.response.text", "ai.toolCall.result", "ai.response.object", "ai.embedding", "ai.embeddings");
        }

        var outputs = Below(attributes, "ai.response.");
        return outputs.Count == 0 ? null : PythonJson.Dump(outputs);
    }

    public static string? LiveKitKind(OrderedDictionary<string, string> attributes)
    {
        if (attributes.ContainsKey("gen_ai.request.model"))
            return "LLM";
        return attributes.Keys.Select(KindOfLiveKitKey).FirstOrDefault(kind => kind is not null);
    }

    private static string? KindOfLiveKitKey(string key) => key switch
    {
        "lk.retry_count" => "LLM",
        "lk.agent_name" or "lk.instructions" or "lk.generation_id" => "AGENT",
        "lk.input_text" or "lk.user_transcript" or "lk.transcript_confidence" or "lk.transcription_delay" => "UNKNOWN",
        _ when key.StartsWith("lk.function_tool", StringComparison.Ordinal) => "TOOL",
        _ when key.StartsWith("lk.tts", StringComparison.Ordinal) => "UNKNOWN",
        _ => null,
    };

    private static bool IsVercelChat(OrderedDictionary<string, string> attributes) =>
        Unwrap(Value(attributes, VercelOperation)) is "ai.generateText.doGenerate" or "ai.streamText.doStream";

    private static OrderedDictionary<string, object?> Below(OrderedDictionary<string, string> attributes, string prefix)
    {
        var members = new OrderedDictionary<string, object?>();
        foreach (var (key, text) in attributes.Where(one => one.Key.StartsWith(prefix, StringComparison.Ordinal)))
            members[key[prefix.Length..]] = Unwrap(text);
        return members;
    }

    /// <summary>Takes off up to three layers of JSON within JSON.</summary>
    private static object? Unwrap(object? value)
    {
        for (var layers = 3; layers > 0 && value is string text && PythonJson.TryParse(text, out var inner); layers--)
            value = inner;
        return value;
    }

    private static object? Value(OrderedDictionary<string, string> attributes, string key) =>
        attributes.TryGetValue(key, out var text) ? PythonJson.ParseOrKeep(text) : null;

    private static string? FirstMatch(OrderedDictionary<string, string> attributes, Regex pattern) =>
        attributes.Keys.Where(key => pattern.IsMatch(key)).Select(key => SpanConvention.First(attributes, key)).FirstOrDefault(text => text is not null);

    private static OrderedDictionary<string, object?> Members(string key, object? value) => new() { [key] = value };

    [GeneratedRegex(@"^gen_ai\.prompt\.[0-9]+\.content")]
    private static partial Regex PromptContent();

    [GeneratedRegex(@"^gen_ai\.completion\.[0-9]+\.tool_calls\.[0-9]+\.arguments")]
    private static partial Regex ToolArguments();

    [GeneratedRegex(@"^gen_ai\.completion\.[0-9]+\.content")]
    private static partial Regex CompletionContent();
}
