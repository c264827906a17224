using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Spans;

/// <summary>What the spans of one trace that came together say about the trace.</summary>
internal sealed class SpanSummary
{
    private const long NanoPerMilli = 1_000_000;

    public SpanSummary(IReadOnlyList<Span> spans)
    {
        StartMs = spans.Min(span => span.StartNano) / NanoPerMilli;
        EndMs = spans.Max(span => span.EndNano) / NanoPerMilli;
        Root = spans.LastOrDefault(span => span.IsRoot);
        State = spans.FirstOrDefault(span => span.IsRoot) switch
        {
            null => null,
            { Status: "ERROR" } => TraceStates.Error,
            _ => TraceStates.Ok,
        };
        Session = First(spans, SpanKeys.SessionId);
        User = First(spans, SpanKeys.UserId);
        TokenUsage = spans.Aggregate("", (sum, span) => Amounts.Add(sum, span.Attributes.GetValueOrDefault(SpanKeys.TokenUsage), TraceKeys.TokenKinds, all: false));
        Cost = spans.Aggregate("", (sum, span) => Amounts.Add(sum, span.Attributes.GetValueOrDefault(SpanKeys.Cost), TraceKeys.CostKinds, all: true));
    }

    public long StartMs { get; }

    /// <summary>null while every span is running.</summary>
    public long? EndMs { get; }

    public Span? Root { get; }

    /// <summary>The state the root span gives the trace; null before it has come.</summary>
    public string? State { get; }

    public string? Session { get; }

    public string? User { get; }

    /// <summary>Sum over the spans as a JSON object; empty for none.</summary>
    public string TokenUsage { get; }

    /// <inheritdoc cref="TokenUsage"/>
    public string Cost { get; }

    public string? RequestPreview => Preview.Of(Root?.Attributes.GetValueOrDefault(SpanKeys.Inputs), "user");

    public string? ResponsePreview => Preview.Of(Root?.Attributes.GetValueOrDefault(SpanKeys.Outputs), "assistant");

    private static string? First(IReadOnlyList<Span> spans, string key) =>
        spans.Select(span => span.Attributes.GetValueOrDefault(key)).FirstOrDefault(value => !string.IsNullOrEmpty(value));
}

/// <summary>JSON objects of numbers, such as token counts and costs.</summary>
internal static class Amounts
{
    /// <summary>The sum of two such objects, of which either may be missing.</summary>
    /// <param name="all">Name every kind in the sum, also those that neither has.</param>
    public static string Add(string? current, string? added, string[] kinds, bool all)
    {
        var (left, right) = (Parse(current), Parse(added));
        if (right.Count == 0)
            return current ?? "";
        var sum = new OrderedDictionary<string, object?>(left);
        foreach (var kind in kinds.Where(kind => all || left.ContainsKey(kind) || right.ContainsKey(kind)))
            sum[kind] = Plus(left.GetValueOrDefault(kind), right.GetValueOrDefault(kind), all);
        return PythonJson.Dump(sum);
    }

    /// <summary>The numbers of such an object, by kind.</summary>
    public static IEnumerable<KeyValuePair<string, double>> Numbers(string? json) =>
        Parse(json).Where(one => one.Value is long or double).Select(one => KeyValuePair.Create(one.Key, ToDouble(one.Value)));

    private static OrderedDictionary<string, object?> Parse(string? json) =>
        !string.IsNullOrEmpty(json) && PythonJson.ParseOrKeep(json) is OrderedDictionary<string, object?> members ? members : [];

    private static object Plus(object? left, object? right, bool asFloat) =>
        !asFloat && left is null or long && right is null or long
            ? (object)(((left as long?) ?? 0) + ((right as long?) ?? 0))
            : ToDouble(left) + ToDouble(right);

    private static double ToDouble(object? value) => value switch { long number => number, double number => number, _ => 0 };
}
