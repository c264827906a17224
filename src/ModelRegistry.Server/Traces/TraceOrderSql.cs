using System.Globalization;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Traces;

/// <summary>The order of a trace search: joins and ORDER BY over <c>trace_info t</c>. What has no value comes last.</summary>
internal sealed record TraceOrderSql(string Joins, string OrderBy)
{
    public static TraceOrderSql Build(IReadOnlyList<OrderTerm> order, SearchConditions values)
    {
        var joins = new List<string>();
        var terms = new List<string>();
        foreach (var term in order)
        {
            var value = term.Kind == EntityKind.Attribute ? Column(term.Key) : Join(term, joins, values);
            terms.Add($"CASE WHEN {value} IS NULL THEN 1 ELSE 0 END, {value} {(term.Ascending ? "ASC" : "DESC")}");
        }

        if (!order.Any(term => term is { Kind: EntityKind.Attribute, Key: "timestamp_ms" }))
            terms.Add("t.timestamp_ms DESC");
        if (!order.Any(term => term is { Kind: EntityKind.Attribute, Key: "request_id" }))
            terms.Add("t.request_id ASC");
        return new TraceOrderSql(string.Join(' ', joins), string.Join(", ", terms));
    }

    private static string Column(string key) => key == "end_time_ms" ? "(t.timestamp_ms + t.execution_time_ms)" : $"t.{key}";

    private static string Join(OrderTerm term, List<string> joins, SearchConditions values)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"o{joins.Count}");
        var table = term.Kind == EntityKind.Tag ? "trace_tags" : "trace_request_metadata";
        joins.Add($"LEFT JOIN {table} {name} ON {name}.request_id = t.request_id AND {name}.\"key\" = {values.Parameter(term.Key)}");
        return $"{name}.value";
    }
}
