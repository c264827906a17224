using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Traces.Spans;

namespace ModelRegistry.Server.Traces.Spans;

/// <summary>A trace with the contents of its spans.</summary>
internal sealed record SpannedTrace(Trace Info, List<string> Spans)
{
    /// <summary>Whether as many spans are there as the client says there are.</summary>
    public bool IsComplete =>
        Info.MetadataOf(TraceKeys.SizeStats) is not { } stats
        || PythonJson.ParseOrKeep(stats) is not OrderedDictionary<string, object?> numbers
        || numbers.GetValueOrDefault("num_spans") is not long expected
        || Spans.Count >= expected;

    /// <summary>Whether the spans are rows; otherwise they are a file among the trace's artifacts.</summary>
    public bool IsStored => Info.Tag(TraceKeys.SpansLocation) == TraceKeys.TrackingStore;

    /// <summary>The traces that there are, in the order of the ids.</summary>
    /// <exception cref="ApiException">The spans of one of them are not rows; clients know this answer and turn to the file.</exception>
    public static async Task<List<SpannedTrace>> ListAsync(SqlScope scope, Workspace workspace, IReadOnlyList<string> traceIds)
    {
        var traces = await ListAnyAsync(scope, workspace, traceIds);
        return traces.TrueForAll(trace => trace.IsStored) ? traces : throw ApiException.Internal("Trace data not stored in tracking store");
    }

    /// <summary>The traces that there are, wherever their spans may be.</summary>
    public static async Task<List<SpannedTrace>> ListAnyAsync(SqlScope scope, Workspace workspace, IReadOnlyList<string> traceIds)
    {
        var traces = await TraceReader.ListAsync(scope, workspace, traceIds);
        var contents = await SpanStore.ContentsAsync(scope, [.. traces.Select(trace => trace.Row.RequestId)]);
        return traces.ConvertAll(trace => new SpannedTrace(trace, [.. contents[trace.Row.RequestId]]));
    }

    public TraceBody ToBody() => new(TraceInfoBody.From(Info), Spans.ConvertAll(SpanBody.Parse));
}
