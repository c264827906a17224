using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Search;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.Traces;

/// <summary>Finds traces by filter, in order, page by page; and counts how two filters go together.</summary>
internal sealed class TraceSearch(Database database)
{
    /// <returns>A page and the token of the next one; there is one after every full page.</returns>
    public Task<(List<Trace> Traces, string? NextPageToken)> FindAsync(
        RequestContext context, TraceQuery query, CancellationToken cancellationToken)
    {
        var order = TraceVocabulary.BindOrder(query.OrderBy);
        var filter = TraceVocabulary.Bind(query.Filter);
        var offset = PageToken.Decode(query.PageToken);
        return database.ReadAsync(
            async scope =>
            {
                var experiments = await ExperimentLocator.VisibleAsync(scope, context, query.ExperimentIds);
                var rows = experiments.Count == 0 ? [] : await PageAsync(scope, experiments, filter, order, offset, query.MaxResults);
                var next = rows.Count == query.MaxResults ? PageToken.Encode(offset + query.MaxResults) : null;
                return (await TraceReader.WithDetailsAsync(scope, rows), next);
            },
            cancellationToken);
    }

    /// <param name="baseFilter">What all of the traces that are looked at fulfil.</param>
    public Task<CorrelationCounts> CountAsync(
        RequestContext context, IReadOnlyList<string> experimentIds, string first, string second, string? baseFilter, CancellationToken cancellationToken)
    {
        var (one, other, all) = (TraceVocabulary.Bind(first), TraceVocabulary.Bind(second), TraceVocabulary.Bind(baseFilter));
        return database.ReadAsync(
            async scope =>
            {
                var experiments = await ExperimentLocator.VisibleAsync(scope, context, experimentIds);
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

    private static Task<List<TraceRow>> PageAsync(
        SqlScope scope, List<long> experiments, IReadOnlyList<BoundComparison> filter, IReadOnlyList<OrderTerm> order, long offset, int limit)
    {
        var values = Values(scope, experiments);
        var where = new TraceFilterSql(scope.Dialect, values).Build(filter);
        var sorted = TraceOrderSql.Build(order, values);
        return scope.QueryAsync<TraceRow>(
            $"""
            SELECT {TraceRow.Columns} FROM trace_info t {sorted.Joins}
            WHERE t.experiment_id IN @{TraceFilterSql.Experiments} AND {where}
            ORDER BY {sorted.OrderBy}
            LIMIT {values.Parameter(limit)} OFFSET {values.Parameter(offset)}
            """,
            values.Parameters);
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
