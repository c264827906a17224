using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Spans;

/// <summary>The short text that lists show of a trace's request or response.</summary>
internal static class Preview
{
    private const int MaxLength = 1000;

    /// <summary>The last message of the role when the value is a conversation, else the value itself; cut to what the column holds.</summary>
    public static string? Of(string? json, string role)
    {
        if (string.IsNullOrEmpty(json))
            return null;
        var messages = PythonJson.TryParse(json, out var value) ? MessagesOf(value) : [];
        var said = messages.Count == 0 ? null : TextOf(messages.FindLast(message => message["role"] as string == role) ?? messages[^1]);
        return Cut(string.IsNullOrEmpty(said) ? json : said);
    }

    private static string Cut(string text)
    {
        var cut = KeyRules.Truncate(text, MaxLength);
        return cut.Length == text.Length ? text : KeyRules.Truncate(text, MaxLength - 3) + "...";
    }

    /// <summary>The messages of the requests and responses of chat and response interfaces.</summary>
    private static List<OrderedDictionary<string, object?>> MessagesOf(object? value)
    {
        while (value is OrderedDictionary<string, object?> members)
        {
            if (members.GetValueOrDefault("messages") is List<object?> { Count: > 0 } messages)
                return OnlyMessages(messages);
            if (members.GetValueOrDefault("choices") is List<object?> { Count: > 0 } choices
                && choices[0] is OrderedDictionary<string, object?> choice && OnlyMessages([choice.GetValueOrDefault("message")]) is { Count: > 0 } chosen)
                return chosen;
            if ((members.GetValueOrDefault("input") ?? members.GetValueOrDefault("output")) is List<object?> { Count: > 0 } items)
                return OnlyMessages(items);
            value = members.GetValueOrDefault("request");
        }

        return [];
    }

    private static List<OrderedDictionary<string, object?>> OnlyMessages(List<object?> items) =>
        [.. items.OfType<OrderedDictionary<string, object?>>().Where(item => item.ContainsKey("role") && item.ContainsKey("content"))];

    private static string? TextOf(OrderedDictionary<string, object?> message) => message["content"] switch
    {
        string text => text,
        List<object?> parts => parts.Select(TextOfPart).FirstOrDefault(text => text is not null),
        _ => null,
    };

    private static string? TextOfPart(object? part) => part switch
    {
        string text => text,
        OrderedDictionary<string, object?> members when members.GetValueOrDefault("type") is "text" or "output_text" => members.GetValueOrDefault("text") as string,
        _ => null,
    };
}
