using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Traces;

/// <summary>Reads traces; all statements of a unit of work run on one connection.</summary>
internal static class TraceReader
{
    /// <exception cref="ApiException">There is no such trace in the caller's workspace.</exception>
    public static async Task<Trace> GetAsync(SqlScope scope, Workspace workspace, string traceId) =>
        await FindAsync(scope, workspace, traceId) ?? throw NotFound(traceId);

    public static ApiException NotFound(string traceId) => ApiException.NotFound($"Trace with ID '{traceId}' not found.");

    public static async Task<Trace?> FindAsync(SqlScope scope, Workspace workspace, string traceId) =>
        (await WithDetailsAsync(scope, await RowsAsync(scope, workspace, [traceId]))).SingleOrDefault();

    /// <summary>The traces that there are, in the order of the ids.</summary>
    public static async Task<List<Trace>> ListAsync(SqlScope scope, Workspace workspace, IReadOnlyList<string> traceIds)
    {
        var ids = traceIds.Distinct().ToList();
        var rows = (await RowsAsync(scope, workspace, ids)).ToDictionary(row => row.RequestId);
        return await WithDetailsAsync(scope, [.. ids.Where(rows.ContainsKey).Select(id => rows[id])]);
    }

    /// <summary>Whether the trace is there for the caller.</summary>
    public static async Task<bool> ExistsAsync(SqlScope scope, Workspace workspace, string traceId) =>
        await scope.FindAsync<string>(
            """
            SELECT t.request_id FROM trace_info t JOIN experiments e ON e.experiment_id = t.experiment_id
            WHERE t.request_id = @traceId AND e.workspace = @workspace
            """,
            new { traceId, workspace = workspace.Name }) is not null;

    /// <summary>Rows by id, in no order.</summary>
    /// <param name="lockTail">What to add so that the rows stay as they are until the transaction ends.</param>
    public static Task<List<TraceRow>> RowsAsync(
        SqlScope scope, Workspace workspace, IReadOnlyCollection<string> traceIds, string lockTail = "") =>
        scope.QueryInChunksAsync<string, TraceRow>(
            $"""
            SELECT {TraceRow.Columns} FROM trace_info t
            WHERE t.request_id IN @ids AND t.experiment_id IN (SELECT experiment_id FROM experiments WHERE workspace = @workspace)
            {lockTail}
            """,
            traceIds,
            ids => new { ids, workspace = workspace.Name });

    /// <summary>Tags, metadata and assessments of many traces, in three statements for every 500 of them.</summary>
    public static async Task<List<Trace>> WithDetailsAsync(SqlScope scope, IReadOnlyList<TraceRow> rows)
    {
        var traces = rows.Select(row => new Trace(row, [], [], [])).ToList();
        var byId = traces.ToDictionary(trace => trace.Row.RequestId);
        foreach (var ids in byId.Keys.Chunk(IdChunks.Size))
        {
            foreach (var tag in await ItemsAsync(scope, "trace_tags", ids))
                byId[tag.RequestId].Tags.Add(tag);
            foreach (var item in await ItemsAsync(scope, "trace_request_metadata", ids))
                byId[item.RequestId].Metadata.Add(item);
            foreach (var assessment in await AssessmentsAsync(scope, ids))
                byId[assessment.TraceId].Assessments.Add(assessment);
        }

        return traces;
    }

    private static Task<List<TraceItemRow>> ItemsAsync(SqlScope scope, string table, string[] ids) =>
        scope.QueryAsync<TraceItemRow>($"SELECT request_id, \"key\", value FROM {table} WHERE request_id IN @ids", new { ids });

    private static Task<List<AssessmentRow>> AssessmentsAsync(SqlScope scope, string[] ids) =>
        scope.QueryAsync<AssessmentRow>(
            $"SELECT {AssessmentRow.Columns} FROM assessments a WHERE a.trace_id IN @ids ORDER BY a.trace_id, a.created_timestamp", new { ids });
}
