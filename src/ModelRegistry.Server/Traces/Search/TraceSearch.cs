using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering.Vocabularies;
using ModelRegistry.Server.Search;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Traces.Search;

/// <summary>Finds traces by filter, in order, page by page; and counts how two filters go together.</summary>
internal sealed class TraceSearch(TrackingDatabase database)
{
    /// <returns>A page and the token of the next one; there is one after every full page.</returns>
    public Task<(List<Trace> Traces, string? NextPageToken)> FindAsync(
        Workspace workspace, TraceQuery query, CancellationToken cancellationToken)
    {
        var order = TraceVocabulary.BindOrder(query.OrderBy);
        var filter = TraceVocabulary.Bind(query.Filter);
        var start = PageToken.Read(query.PageToken);
        return database.ReadAsync(
            async scope =>
            {
                var experiments = await ExperimentLocator.VisibleAsync(scope, workspace, query.ExperimentIds);
                if (experiments.Count == 0)
                    return ([], null);
                var values = Values(scope, experiments);
                var sorted = TraceOrderSql.Build(order, values);
                values.Add(new TraceFilterSql(scope.Dialect, values).Build(filter));
                var rows = await scope.QueryAsync<TraceRow>(Page(sorted, experiments, start, query.MaxResults, values), values.Parameters);
                var next = rows.Count == query.MaxResults
                    ? PageToken.Encode(start.Offset + query.MaxResults, sorted.Order.Sql, sorted.Order.PlaceOf(rows[^1]))
                    : null;
                return (await TraceReader.WithDetailsAsync(scope, rows), next);
            },
            cancellationToken);
    }

    /// <param name="baseFilter">What all of the traces that are looked at fulfil.</param>
    public Task<CorrelationCounts> CountAsync(
        Workspace workspace, IReadOnlyList<string> experimentIds, string first, string second, string? baseFilter, CancellationToken cancellationToken)
    {
        var (one, other, all) = (TraceVocabulary.Bind(first), TraceVocabulary.Bind(second), TraceVocabulary.Bind(baseFilter));
        return database.ReadAsync(
            async scope =>
            {
                var experiments = await ExperimentLocator.VisibleAsync(scope, workspace, experimentIds);
                if (experiments.Count == 0)
                    return new CorrelationCounts();
                var values = Values(scope, experiments);
                var sql = new TraceFilterSql(scope.Dialect, values);
                return await scope.FindAsync<CorrelationCounts>(
                    $"""
                    SELECT COUNT(*) AS total, COALESCE(SUM(x.one), 0) AS first, COALESCE(SUM(x.other), 0) AS second,
                        COALESCE(SUM(x.one * x.other), 0) AS joint
                    FROM (
                        SELECT CASE WHEN {sql.Build(one)} THEN 1 ELSE 0 END AS one, CASE WHEN {sql.Build(other)} THEN 1 ELSE 0 END AS other
                        FROM trace_info t WHERE t.experiment_id IN @{TraceFilterSql.Experiments} AND {sql.Build(all)}
                    ) x
                    """,
                    values.Parameters) ?? new CorrelationCounts();
            },
            cancellationToken);
    }

    private static string Page(TraceOrderSql sorted, List<long> experiments, PageStart start, int limit, SearchConditions values)
    {
        var page = new PageSql(TraceRow.Columns, "trace_info t", "t", ["request_id"], sorted.Order.Sql)
        {
            Joins = sorted.Joins,

            // What is joined to be sorted by needs a sort anyway.
            Parts = sorted.Joins.Length == 0 && experiments.Count <= PageSql.MaxParts
                ? [.. experiments.Select(id => values.In("t.experiment_id", [id]))]
                : [$"t.experiment_id IN @{TraceFilterSql.Experiments}"],
            After = sorted.Order.After(start.Order, start.Row, values),
        };
        return page.Build(values, limit, start.Offset);
    }

    private static SearchConditions Values(SqlScope scope, List<long> experiments)
    {
        var values = new SearchConditions(scope.Dialect);
        values.Parameters.Add(TraceFilterSql.Experiments, experiments);
        return values;
    }
}

internal sealed record TraceQuery(
    IReadOnlyList<string> ExperimentIds, string? Filter, int MaxResults, IReadOnlyList<string> OrderBy, string? PageToken);

/// <summary>How many traces there are, and how many fulfil one filter, the other, and both.</summary>
internal sealed record CorrelationCounts
{
    public long Total { get; init; }

    public long First { get; init; }

    public long Second { get; init; }

    public long Joint { get; init; }
}
