using ModelRegistry.Server.Data;
using ModelRegistry.Server.Traces.Spans;

namespace ModelRegistry.Server.Traces;

/// <summary>
/// What spans change on the traces they belong to. The rows of the traces are locked meanwhile, so sums, earliest and latest times are right
/// whatever else comes in.
/// </summary>
/// <param name="known">The metadata of <see cref="MetadataKeys"/> that the traces have, by trace.</param>
internal sealed class TraceUpdate(ILookup<string, TraceItemRow> known)
{
    public static readonly string[] MetadataKeys =
        [TraceKeys.Finalized, TraceKeys.TokenUsage, TraceKeys.Cost, TraceKeys.Session, TraceKeys.User];

    private readonly List<object?[]> traces = [];
    private readonly List<object?[]> metadata = [];
    private readonly List<object?[]> metrics = [];
    private readonly List<object?[]> tags = [];

    public void Add(TraceRow row, SpanSummary spans)
    {
        var items = known[row.RequestId].ToDictionary(item => item.Key, item => item.Value);
        var isFinal = items.ContainsKey(TraceKeys.Finalized);
        AddTrace(row, spans, isFinal);
        AddTokens(row.RequestId, spans.TokenUsage, items.GetValueOrDefault(TraceKeys.TokenUsage), isFinal);
        AddCost(row.RequestId, spans.Cost, items.GetValueOrDefault(TraceKeys.Cost), isFinal);
        if (spans.Session is not null && !isFinal && !items.ContainsKey(TraceKeys.Session))
            metadata.Add([row.RequestId, TraceKeys.Session, spans.Session]);
        if (spans.User is not null && !items.ContainsKey(TraceKeys.User))
            metadata.Add([row.RequestId, TraceKeys.User, spans.User]);
        tags.Add([row.RequestId, TraceKeys.SpansLocation, TraceKeys.TrackingStore]);
    }

    public async Task SaveAsync(SqlScope scope)
    {
        await scope.InsertAsync(
            "trace_info",
            ["request_id", "experiment_id", "timestamp_ms", "execution_time_ms", "status", "request_preview", "response_preview"],
            traces,
            scope.Dialect.OnConflictUpdate("request_id", ["timestamp_ms", "execution_time_ms", "status", "request_preview", "response_preview"]));
        await TraceItems.UpsertAsync(scope, "trace_request_metadata", metadata);
        await TraceItems.UpsertAsync(scope, "trace_tags", tags);
        await TraceItems.UpsertMetricsAsync(scope, metrics);
    }

    private void AddTrace(TraceRow row, SpanSummary spans, bool isFinal)
    {
        var (start, duration) = (row.TimestampMs, row.ExecutionTimeMs);
        if (!isFinal)
        {
            start = Math.Min(row.TimestampMs, spans.StartMs);
            if (spans.EndMs is { } end)
                duration = Math.Max(row.TimestampMs + row.ExecutionTimeMs ?? end, end) - start;
        }

        var isOpen = row.Status is TraceStates.InProgress or TraceStates.Unspecified;
        traces.Add(
        [
            row.RequestId, row.ExperimentId, start, duration, isOpen ? spans.State ?? row.Status : row.Status,
            row.RequestPreview ?? spans.RequestPreview, row.ResponsePreview ?? spans.ResponsePreview,
        ]);
    }

    private void AddTokens(string traceId, string added, string? current, bool isFinal)
    {
        if (added.Length == 0 || (isFinal && current is not null))
            return;
        var sum = Amounts.Add(current, added, TraceKeys.TokenKinds, all: false);
        metadata.Add([traceId, TraceKeys.TokenUsage, sum]);
        metrics.AddRange(TraceItems.TokenMetrics(traceId, sum));
    }

    private void AddCost(string traceId, string added, string? current, bool isFinal)
    {
        if (added.Length > 0 && (!isFinal || current is null))
            metadata.Add([traceId, TraceKeys.Cost, Amounts.Add(current, added, TraceKeys.CostKinds, all: true)]);
    }
}
