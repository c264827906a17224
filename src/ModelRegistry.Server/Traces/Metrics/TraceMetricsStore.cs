using System.Globalization;
using Dapper;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Traces.Spans;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.Traces.Metrics;

/// <summary>Numbers over many traces, spans or assessments, in one statement.</summary>
internal sealed class TraceMetricsStore(Database database)
{
    private const string TimeBucket = "time_bucket";

    public Task<List<TraceMetricPoint>> QueryAsync(RequestContext context, MetricsQuery query, CancellationToken cancellationToken)
    {
        var parameters = new DynamicParameters(new { metric = query.MetricName, start = query.StartMs, end = query.EndMs });
        var filters = query.Filters.Select((filter, index) => MetricsFilter.Build(filter, query.View, parameters, $"f{index}")).ToList();
        return database.ReadAsync(
            async scope =>
            {
                var experiments = await ExperimentLocator.VisibleAsync(scope, context, query.ExperimentIds);
                if (experiments.Count == 0 || query.Aggregations.Count == 0)
                    return [];
                parameters.Add("experiments", experiments);
                // No SQL that all databases have makes percentiles: then the values themselves are read, in order.
                return query.Aggregations.Any(one => one.Type == AggregationType.Percentile)
                    ? FromValues(query, await scope.QueryAsync<dynamic>(ValuesSql(query, filters), parameters))
                    : FromGroups(query, await scope.QueryAsync<dynamic>(GroupsSql(query, filters), parameters));
            },
            cancellationToken);
    }

    private static string GroupsSql(MetricsQuery query, List<string> filters)
    {
        var groups = Groups(query);
        var value = MetricsCatalog.Of(query.View).Metrics[query.MetricName].Value;
        var columns = groups.Select((group, index) => $"{group} AS g{index}")
            .Concat(query.Aggregations.Select((one, index) => $"{WireEnumConverter<AggregationType>.NameOf(one.Type)}({value}) AS v{index}"));
        var names = string.Join(", ", groups);
        return $"""
            SELECT {string.Join(", ", columns)}
            {Source(query, filters)}
            {(groups.Count == 0 ? "" : $"GROUP BY {names} ORDER BY {names}")}
            LIMIT {query.MaxResults}
            """;
    }

    private static string ValuesSql(MetricsQuery query, List<string> filters)
    {
        var groups = Groups(query);
        var value = MetricsCatalog.Of(query.View).Metrics[query.MetricName].Value;
        return $"""
            SELECT {string.Concat(groups.Select((group, index) => $"{group} AS g{index}, "))}{value} AS value
            {Source(query, filters)}
            ORDER BY {string.Concat(groups.Select(group => $"{group}, "))}{value}
            """;
    }

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

    private static List<TraceMetricPoint> FromGroups(MetricsQuery query, List<dynamic> rows)
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

    private static List<TraceMetricPoint> FromValues(MetricsQuery query, List<dynamic> rows)
    {
        var points = new List<TraceMetricPoint>();
        var groupCount = Groups(query).Count;
        foreach (var group in rows.Cast<IDictionary<string, object?>>().GroupBy(row => string.Join('\u0001', Enumerable.Range(0, groupCount).Select(index => row[$"g{index}"]))))
        {
            var numbers = group.Select(row => row["value"]).Where(value => value is not null)
                .Select(value => Convert.ToDouble(value, CultureInfo.InvariantCulture)).ToList();
            if (numbers.Count > 0)
                AddPoint(points, query, group.First(), query.Aggregations.ToDictionary(one => one.Label, one => Aggregate(one, numbers)));
        }

        return [.. points.Take(query.MaxResults)];
    }

    /// <param name="sorted">At least one number.</param>
    private static double Aggregate(Aggregation one, List<double> sorted) => one.Type switch
    {
        AggregationType.Count => sorted.Count,
        AggregationType.Sum => sorted.Sum(),
        AggregationType.Avg => sorted.Average(),
        AggregationType.Percentile => Percentile(sorted, one.Percentile),
        _ => throw new InvalidOperationException($"No metric allows {one.Type}."),
    };

    /// <summary>With linear interpolation between the two nearest values.</summary>
    private static double Percentile(List<double> sorted, double percentile)
    {
        var position = percentile / 100 * (sorted.Count - 1);
        var below = (int)Math.Floor(position);
        var above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (position - below));
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
