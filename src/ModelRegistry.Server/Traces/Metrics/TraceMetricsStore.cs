using System.Globalization;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Traces.Metrics;

/// <summary>Numbers over many traces, spans or assessments, in one statement.</summary>
internal sealed class TraceMetricsStore(TrackingDatabase database)
{
    private const string TimeBucket = "time_bucket";

    public Task<List<TraceMetricPoint>> QueryAsync(Workspace workspace, MetricsQuery query, CancellationToken cancellationToken)
    {
        var parameters = new SqlParameters();
        parameters.Add("metric", query.MetricName);
        parameters.Add("start", query.StartMs);
        parameters.Add("end", query.EndMs);
        var filters = query.Filters.Select((filter, index) => MetricsFilter.Build(filter, query.View, parameters, $"f{index}")).ToList();
        return database.ReadAsync(
            async scope =>
            {
                var experiments = await ExperimentLocator.VisibleAsync(scope, workspace, query.ExperimentIds);
                if (experiments.Count == 0 || query.Aggregations.Count == 0)
                    return [];
                parameters.Add("experiments", experiments);
                if (!query.Aggregations.Any(one => one.Type == AggregationType.Percentile))
                    return FromGroups(query, await scope.QueryAsync<dynamic>(GroupsSql(query, filters), parameters));
                return FromGroups(query, await scope.ReadAsync(
                    PercentilesSql(query, filters), parameters, (reader, token) => Percentiles.ReadAsync(reader, query, token)));
            },
            cancellationToken);
    }

    private static string GroupsSql(MetricsQuery query, List<string> filters)
    {
        var groups = Groups(query);
        var value = MetricsCatalog.Of(query.View).Metrics[query.MetricName].Value;
        var columns = groups.Select((group, index) => $"{group} AS g{index}")
            .Concat(query.Aggregations.Select((one, index) => $"{Number(one, value)} AS v{index}"));
        var names = string.Join(", ", groups);
        return $"""
            SELECT {string.Join(", ", columns)}
            {Source(query, filters)}
            {(groups.Count == 0 ? "" : $"GROUP BY {names} ORDER BY {names}")}
            LIMIT {query.MaxResults}
            """;
    }

    /// <summary>
    /// No SQL that all databases have makes percentiles. This answers the groups, each with the number of its values as <c>amount</c>, and
    /// then the values themselves in the order of the groups: one statement, so that both halves see the same rows.
    /// </summary>
    private static string PercentilesSql(MetricsQuery query, List<string> filters)
    {
        var groups = Groups(query);
        var value = MetricsCatalog.Of(query.View).Metrics[query.MetricName].Value;
        var source = Source(query, filters);
        var keys = string.Concat(groups.Select((group, index) => $"{group} AS g{index}, "));
        var numbers = query.Aggregations.Select((one, index) => one.Type == AggregationType.Percentile ? $"NULL AS v{index}, " : $"{Number(one, value)} AS v{index}, ");
        var blanks = query.Aggregations.Select((_, index) => $"NULL AS v{index}, ");
        return $"""
            SELECT 0 AS part, {keys}{string.Concat(numbers)}COUNT({value}) AS amount
            {source}
            {(groups.Count == 0 ? "" : $"GROUP BY {string.Join(", ", groups)}")}
            UNION ALL
            SELECT 1 AS part, {keys}{string.Concat(blanks)}{value} AS amount
            {source} AND {value} IS NOT NULL
            ORDER BY part, {string.Concat(groups.Select((_, index) => $"g{index}, "))}amount
            """;
    }

    private static string Number(Aggregation one, string value) => $"{one.Label}({value})";

    private static string Source(MetricsQuery query, List<string> filters)
    {
        var view = MetricsCatalog.Of(query.View);
        var conditions = filters.Prepend("t.experiment_id IN @experiments")
            .Concat(query.StartMs is null ? [] : ["t.timestamp_ms >= @start"])
            .Concat(query.EndMs is null ? [] : ["t.timestamp_ms <= @end"]);
        var joins = query.Dimensions.Select(dimension => view.Dimensions[dimension].Join).Prepend(view.Metrics[query.MetricName].Join);
        return $"FROM {view.From} {string.Join(' ', joins)} WHERE {string.Join(" AND ", conditions)}";
    }

    /// <summary>Expressions of what the rows are grouped by; the time first.</summary>
    private static List<string> Groups(MetricsQuery query)
    {
        var view = MetricsCatalog.Of(query.View);
        var bucket = query.IntervalSeconds * 1000 * view.NanoPerTime;
        string[] time = bucket is null ? [] : [string.Create(CultureInfo.InvariantCulture, $"({view.TimeMs} - {view.TimeMs} % {bucket})")];
        return [.. time, .. query.Dimensions.Select(dimension => view.Dimensions[dimension].Value)];
    }

    private static List<TraceMetricPoint> FromGroups(MetricsQuery query, IEnumerable<dynamic> rows)
    {
        var points = new List<TraceMetricPoint>();
        foreach (IDictionary<string, object?> row in rows)
        {
            var values = new Dictionary<string, double>();
            for (var index = 0; index < query.Aggregations.Count; index++)
            {
                if (row[$"v{index}"] is { } value)
                    values[query.Aggregations[index].Label] = Convert.ToDouble(value, CultureInfo.InvariantCulture);
            }

            AddPoint(points, query, row, values);
        }

        return points;
    }

    /// <summary>Adds a point, unless a dimension or every value of it is missing.</summary>
    private static void AddPoint(List<TraceMetricPoint> points, MetricsQuery query, IDictionary<string, object?> row, Dictionary<string, double> values)
    {
        var view = MetricsCatalog.Of(query.View);
        var dimensions = new Dictionary<string, string>();
        var column = 0;
        if (query.IntervalSeconds is not null)
            dimensions[TimeBucket] = Time(Convert.ToInt64(row[$"g{column++}"], CultureInfo.InvariantCulture) / view.NanoPerTime);
        foreach (var dimension in query.Dimensions)
        {
            if (row[$"g{column++}"] is not { } value)
                return;
            var text = Convert.ToString(value, CultureInfo.InvariantCulture)!;
            dimensions[dimension] = view.Dimensions[dimension].IsJson && PythonJson.ParseOrKeep(text) is string inner ? inner : text;
        }

        if (values.Count > 0)
            points.Add(new TraceMetricPoint(dimensions, values));
    }

    /// <summary>As Python's <c>datetime.isoformat</c> writes it.</summary>
    private static string Time(long ms)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime;
        return time.ToString(ms % 1000 == 0 ? "yyyy-MM-ddTHH:mm:ss" : "yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "+00:00";
    }
}
