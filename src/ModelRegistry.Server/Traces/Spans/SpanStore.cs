using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Traces.Spans;
using ModelRegistry.Server.Tracking;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Traces.Spans;

/// <summary>Rows of <c>spans</c>, and what they say about their traces.</summary>
internal sealed class SpanStore(TrackingWriter writer)
{
    private static readonly string[] Columns =
    [
        "trace_id", "experiment_id", "span_id", "parent_span_id", "name", "type", "status", "start_time_unix_nano", "end_time_unix_nano",
        "content", "dimension_attributes",
    ];

    /// <summary>Adds spans, of any number of traces, in one transaction; a span that is there already is replaced.</summary>
    /// <param name="experimentId">Where a trace goes that is not there yet.</param>
    public Task LogAsync(Caller caller, string experimentId, IReadOnlyList<Span> spans, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var summaries = spans.GroupBy(span => span.TraceId).ToDictionary(group => group.Key, group => new SpanSummary([.. group]));
                await CreateMissingAsync(scope, caller.Workspace, experimentId, summaries);
                var rows = (await TraceReader.RowsAsync(scope, caller.Workspace, summaries.Keys, scope.Dialect.ForUpdate)).ToDictionary(row => row.RequestId);
                if (rows.Count < summaries.Count)
                    throw ApiException.BadRequest("A trace of these spans exists already in another place.");
                var update = new TraceUpdate(await MetadataAsync(scope, summaries.Keys));
                foreach (var (id, summary) in summaries)
                    update.Add(rows[id], summary);
                await update.SaveAsync(scope);
                await InsertSpansAsync(scope, spans, rows);
            },
            cancellationToken);

    /// <summary>The contents of a trace's spans: the root first, then by time.</summary>
    public static async Task<ILookup<string, string>> ContentsAsync(SqlScope scope, IReadOnlyCollection<string> traceIds)
    {
        var rows = await scope.QueryInChunksAsync<string, ContentRow>(
            """
            SELECT trace_id, content FROM spans WHERE trace_id IN @ids
            ORDER BY trace_id, CASE WHEN parent_span_id IS NULL THEN 0 ELSE 1 END, start_time_unix_nano
            """,
            traceIds,
            ids => new { ids });
        return rows.ToLookup(row => row.TraceId, row => row.Content);
    }

    /// <remarks>Insert first, look later: of two exports that bring the first spans of a trace, one then waits for the other.</remarks>
    private static async Task CreateMissingAsync(SqlScope scope, Workspace workspace, string experimentId, Dictionary<string, SpanSummary> summaries)
    {
        var known = (await TraceReader.RowsAsync(scope, workspace, summaries.Keys)).Select(row => row.RequestId).ToHashSet();
        var missing = summaries.Where(one => !known.Contains(one.Key)).ToList();
        if (missing.Count == 0)
            return;
        var experiment = await ExperimentLocator.GetAsync(scope, workspace, experimentId);
        await scope.InsertAsync(
            "trace_info",
            ["request_id", "experiment_id", "timestamp_ms", "execution_time_ms", "status"],
            [.. missing.Select(one => new object?[]
            {
                one.Key, experiment.ExperimentId, one.Value.StartMs, one.Value.EndMs - one.Value.StartMs, one.Value.State ?? TraceStates.InProgress,
            })],
            scope.Dialect.OnConflictNothing("request_id"));
        await scope.InsertAsync(
            "trace_tags",
            ["request_id", "\"key\"", "value"],
            [.. missing.Select(one => new object?[] { one.Key, TraceKeys.ArtifactLocation, TraceStore.ArtifactLocation(experiment, one.Key) })],
            scope.Dialect.OnConflictNothing("\"key\", request_id"));
    }

    private static async Task<ILookup<string, TraceItemRow>> MetadataAsync(SqlScope scope, IReadOnlyCollection<string> traceIds)
    {
        var items = await scope.QueryInChunksAsync<string, TraceItemRow>(
            "SELECT request_id, \"key\", value FROM trace_request_metadata WHERE request_id IN @ids AND \"key\" IN @keys",
            traceIds,
            ids => new { ids, keys = TraceUpdate.MetadataKeys });
        return items.ToLookup(item => item.RequestId);
    }

    private static async Task InsertSpansAsync(SqlScope scope, IReadOnlyList<Span> spans, Dictionary<string, TraceRow> traces)
    {
        await scope.InsertAsync(
            "spans",
            Columns,
            [.. spans.Select(span => new object?[]
            {
                span.TraceId, traces[span.TraceId].ExperimentId, span.SpanId, span.ParentId, span.Name, span.Type, span.Status,
                span.StartNano, span.EndNano, span.ToContent(), Dimensions(span),
            })],
            scope.Dialect.OnConflictUpdate("trace_id, span_id", [.. Columns.Where(column => column is not ("trace_id" or "span_id"))]));
        await scope.InsertAsync(
            "span_metrics",
            ["trace_id", "span_id", "\"key\"", "value"],
            [.. spans.SelectMany(span => Amounts.Numbers(span.Attributes.GetValueOrDefault(SpanKeys.Cost))
                .Select(cost => new object?[] { span.TraceId, span.SpanId, cost.Key, cost.Value }))],
            scope.Dialect.OnConflictUpdate("trace_id, span_id, \"key\"", ["value"]));
    }

    /// <summary>What trace metrics group spans by, as a JSON object, or JSON's null.</summary>
    private static string Dimensions(Span span)
    {
        var dimensions = new OrderedDictionary<string, object?>();
        foreach (var key in (string[])[SpanKeys.Model, SpanKeys.Provider])
        {
            if (span.Attributes.TryGetValue(key, out var text) && text.Length > 0)
                dimensions[key] = PythonJson.ParseOrKeep(text);
        }

        return PythonJson.Dump(dimensions.Count == 0 ? null : dimensions);
    }

    private sealed record ContentRow
    {
        public required string TraceId { get; init; }

        public required string Content { get; init; }
    }
}
