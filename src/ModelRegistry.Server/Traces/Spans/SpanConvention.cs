using System.Collections.Frozen;
using System.Globalization;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Spans;

/// <summary>
/// How one instrumentation library names what MLflow shows of a span. Attribute values are JSON texts.
/// A function, where there is one, speaks instead of the keys beside it.
/// </summary>
internal sealed record SpanConvention
{
    public string[] KindKeys { get; init; } = [];

    /// <summary>MLflow's span type for a value of <see cref="KindKeys"/>.</summary>
    public FrozenDictionary<string, string> Kinds { get; init; } = FrozenDictionary<string, string>.Empty;

    public Func<OrderedDictionary<string, string>, string?>? KindOf { get; init; }

    /// <summary>For each of <see cref="TraceKeys.TokenKinds"/> the keys that may hold the number.</summary>
    public string[][] TokenKeys { get; init; } = [];

    public string[] InputKeys { get; init; } = [];

    public Func<OrderedDictionary<string, string>, string?>? InputOf { get; init; }

    public string[] OutputKeys { get; init; } = [];

    public Func<OrderedDictionary<string, string>, string?>? OutputOf { get; init; }

    public string[] ModelKeys { get; init; } = [];

    public string[] ProviderKeys { get; init; } = [];

    public string[] ToolKeys { get; init; } = [];

    /// <summary>Name of the form in which messages are kept, for whoever draws them.</summary>
    public Func<OrderedDictionary<string, string>, string?>? FormatOf { get; init; }

    public string? Kind(OrderedDictionary<string, string> attributes)
    {
        if (KindOf is not null)
            return KindOf(attributes);
        foreach (var key in KindKeys)
        {
            if (attributes.TryGetValue(key, out var text) && PythonJson.ParseOrKeep(text) is string value && Kinds.TryGetValue(value, out var type))
                return type;
        }

        return null;
    }

    public string? Input(OrderedDictionary<string, string> attributes) => InputOf is null ? First(attributes, InputKeys) : InputOf(attributes);

    public string? Output(OrderedDictionary<string, string> attributes) => OutputOf is null ? First(attributes, OutputKeys) : OutputOf(attributes);

    /// <summary>The number of tokens of a kind, by its place in <see cref="TraceKeys.TokenKinds"/>.</summary>
    public long? Tokens(OrderedDictionary<string, string> attributes, int kind)
    {
        foreach (var key in kind < TokenKeys.Length ? TokenKeys[kind] : [])
        {
            if (attributes.TryGetValue(key, out var text) && text.Length > 0)
                return Integer(PythonJson.ParseOrKeep(text));
        }

        return null;
    }

    /// <summary>The first value that is there and not empty.</summary>
    public static string? First(OrderedDictionary<string, string> attributes, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (attributes.TryGetValue(key, out var text) && PythonJson.IsTruthy(PythonJson.ParseOrKeep(text)))
                return text;
        }

        return null;
    }

    private static long? Integer(object? value) => value switch
    {
        long number => number,
        string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };
}
