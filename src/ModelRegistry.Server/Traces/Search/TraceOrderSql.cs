using System.Globalization;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Traces.Search;

/// <summary>The order of a trace search: joins to <c>trace_info t</c>, and columns. What has no value comes last.</summary>
internal sealed record TraceOrderSql(string Joins, PageOrder<TraceRow> Order)
{
    public static TraceOrderSql Build(IReadOnlyList<OrderTerm> order, SearchConditions values)
    {
        var joins = new List<string>();
        var columns = new List<OrderColumn<TraceRow>>();
        foreach (var term in order)
        {
            if (term.Kind == EntityKind.Attribute && term.Key is "timestamp_ms" or "request_id")
            {
                columns.Add(Own(term.Key, term.Ascending));
                continue;
            }

            var value = term.Kind == EntityKind.Attribute ? Column(term.Key) : Join(term, joins, values);
            columns.Add(new($"CASE WHEN {value} IS NULL THEN 1 ELSE 0 END", Ascending: true));
            columns.Add(new(value, term.Ascending));
        }

        if (!order.Any(term => term is { Kind: EntityKind.Attribute, Key: "timestamp_ms" }))
            columns.Add(Own("timestamp_ms", ascending: false));
        if (!order.Any(term => term is { Kind: EntityKind.Attribute, Key: "request_id" }))
            columns.Add(Own("request_id", ascending: true));
        return new TraceOrderSql(string.Join(' ', joins), new PageOrder<TraceRow>(columns));
    }

    /// <summary>A column that is never NULL.</summary>
    private static OrderColumn<TraceRow> Own(string key, bool ascending) =>
        key == "timestamp_ms" ? new("t.timestamp_ms", ascending, row => row.TimestampMs) : new("t.request_id", ascending, row => row.RequestId);

    private static string Column(string key) => key == "end_time_ms" ? "(t.timestamp_ms + t.execution_time_ms)" : $"t.{key}";

    private static string Join(OrderTerm term, List<string> joins, SearchConditions values)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"o{joins.Count}");
        var table = term.Kind == EntityKind.Tag ? "trace_tags" : "trace_request_metadata";
        joins.Add($"LEFT JOIN {table} {name} ON {name}.request_id = t.request_id AND {name}.\"key\" = {values.Parameter(term.Key)}");
        return $"{name}.value";
    }
}
