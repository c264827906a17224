using ModelRegistry.Server.Data;
using ModelRegistry.Server.Traces.Spans;

namespace ModelRegistry.Server.Traces;

/// <summary>Rows of <c>trace_tags</c>, <c>trace_request_metadata</c> and <c>trace_metrics</c>: a key and a value of a trace.</summary>
internal static class TraceItems
{
    private static readonly string[] Columns = ["request_id", "\"key\"", "value"];

    /// <param name="rows">Trace id, key, value; of rows with the same key the last one stays.</param>
    public static Task UpsertAsync(SqlScope scope, string table, IReadOnlyList<object?[]> rows) =>
        scope.InsertAsync(table, Columns, rows, scope.Dialect.OnConflictUpdate("\"key\", request_id", ["value"]));

    public static Task UpsertMetricsAsync(SqlScope scope, IReadOnlyList<object?[]> rows) =>
        scope.InsertAsync("trace_metrics", Columns, rows, scope.Dialect.OnConflictUpdate("request_id, \"key\"", ["value"]));

    /// <summary>The numbers in a trace's token usage, which trace metrics add up.</summary>
    public static IEnumerable<object?[]> TokenMetrics(string traceId, string? tokenUsage) =>
        Amounts.Numbers(tokenUsage).Where(one => TraceKeys.TokenKinds.Contains(one.Key)).Select(one => new object?[] { traceId, one.Key, one.Value });
}
