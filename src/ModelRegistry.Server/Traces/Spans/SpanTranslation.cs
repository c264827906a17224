using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Spans;

/// <summary>Adds MLflow's own attributes to spans that other libraries made, from what those call the same things.</summary>
internal static class SpanTranslation
{
    private static readonly string[] MessageEvents = ["gen_ai.system.message", "gen_ai.user.message", "gen_ai.assistant.message"];

    public static void Apply(Span span)
    {
        var attributes = span.Attributes;
        AddType(attributes);
        AddIfAbsent(attributes, SpanKeys.Inputs, () => Ask(attributes, one => one.Input(attributes)) ?? InputOfEvents(span.Events));
        AddIfAbsent(attributes, SpanKeys.Outputs, () => Ask(attributes, one => one.Output(attributes)) ?? OutputOfEvents(span.Events));
        AddIfAbsent(attributes, SpanKeys.TokenUsage, () => TokenUsage(attributes));
        AddIfAbsent(attributes, SpanKeys.MessageFormat, () => Quoted(Ask(attributes, one => one.FormatOf?.Invoke(attributes))));
        AddIfAbsent(attributes, SpanKeys.Tools, () => Ask(attributes, one => SpanConvention.First(attributes, one.ToolKeys)));
        AddIfAbsent(attributes, SpanKeys.Model, () => Decoded(Ask(attributes, one => SpanConvention.First(attributes, one.ModelKeys))) ?? ModelOfMessages(attributes));
        AddIfAbsent(attributes, SpanKeys.Provider, () => Decoded(Ask(attributes, one => SpanConvention.First(attributes, one.ProviderKeys))));
    }

    private static void AddType(OrderedDictionary<string, string> attributes)
    {
        var current = attributes.TryGetValue(SpanKeys.Type, out var text) ? PythonJson.ParseOrKeep(text) : null;
        if (current is null or "UNKNOWN" && Ask(attributes, one => one.Kind(attributes)) is { } type)
            attributes[SpanKeys.Type] = PythonJson.Dump(type);
    }

    private static void AddIfAbsent(OrderedDictionary<string, string> attributes, string key, Func<string?> find)
    {
        if (!attributes.ContainsKey(key) && find() is { Length: > 0 } value)
            attributes[key] = value;
    }

    private static string? Ask(OrderedDictionary<string, string> attributes, Func<SpanConvention, string?> question) =>
        attributes.Count == 0 ? null : SpanConventions.All.Select(question).FirstOrDefault(answer => answer is { Length: > 0 });

    private static string? TokenUsage(OrderedDictionary<string, string> attributes)
    {
        foreach (var convention in SpanConventions.All)
        {
            var (input, output) = (convention.Tokens(attributes, 0), convention.Tokens(attributes, 1));
            var total = convention.Tokens(attributes, 2) ?? input + output;
            if (input is null && output is null && total is null)
                continue;
            long?[] counts = [input, output, total, convention.Tokens(attributes, 3), convention.Tokens(attributes, 4)];
            return PythonJson.Dump(new OrderedDictionary<string, object?>(
                TraceKeys.TokenKinds.Zip(counts).Where(pair => pair.Second is not null).Select(pair => KeyValuePair.Create(pair.First, (object?)pair.Second))));
        }

        return null;
    }

    private static string? ModelOfMessages(OrderedDictionary<string, string> attributes)
    {
        foreach (var key in (string[])[SpanKeys.Inputs, SpanKeys.Outputs])
        {
            if (attributes.TryGetValue(key, out var text) && PythonJson.ParseOrKeep(text) is OrderedDictionary<string, object?> members
                && PythonJson.IsTruthy(members.GetValueOrDefault("model")))
                return Quoted(members["model"] as string);
        }

        return null;
    }

    /// <summary>The text in JSON, whether it was before or not.</summary>
    private static string? Decoded(string? text) => text is null ? null : PythonJson.Dump(PythonJson.ParseOrKeep(text), ascii: false);

    private static string? Quoted(string? text) => text is null ? null : PythonJson.Dump(text, ascii: false);

    private static string? InputOfEvents(List<object?> events) =>
        OfEvent(events, "gen_ai.content.prompt", "gen_ai.prompt")
        ?? Messages(events.OfType<OrderedDictionary<string, object?>>().Where(one => MessageEvents.Contains(one["name"]))
            .Select(one => (Role: (object?)((string)one["name"]!).Split('.')[1], Attributes: AttributesOf(one))));

    private static string? OutputOfEvents(List<object?> events) =>
        OfEvent(events, "gen_ai.content.completion", "gen_ai.completion")
        ?? Messages(events.OfType<OrderedDictionary<string, object?>>().Where(one => one["name"] is "gen_ai.choice")
            .Select(one => (Role: Inner(AttributesOf(one).GetValueOrDefault("role", "assistant")), Attributes: AttributesOf(one))));

    private static string? OfEvent(List<object?> events, string name, string key)
    {
        var value = events.OfType<OrderedDictionary<string, object?>>().Where(one => one["name"] as string == name)
            .Select(one => AttributesOf(one).GetValueOrDefault(key)).FirstOrDefault(PythonJson.IsTruthy);
        return value is null or string ? (string?)value : PythonJson.Dump(value);
    }

    private static string? Messages(IEnumerable<(object? Role, OrderedDictionary<string, object?> Attributes)> events)
    {
        var messages = new List<object?>();
        foreach (var (role, attributes) in events)
        {
            if (attributes.TryGetValue("content", out var content) && PythonJson.IsTruthy(content))
                messages.Add(new OrderedDictionary<string, object?> { ["role"] = role, ["content"] = Inner(content) });
        }

        return messages.Count == 0 ? null : PythonJson.Dump(messages);
    }

    private static OrderedDictionary<string, object?> AttributesOf(OrderedDictionary<string, object?> happened) =>
        (OrderedDictionary<string, object?>)happened["attributes"]!;

    private static object? Inner(object? value) => value is string text ? PythonJson.ParseOrKeep(text) : value;
}
