using System.Globalization;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.LoggedModels;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Tracking.LoggedModels;

/// <summary>Builds the statement that finds one page of logged models: one EXISTS per condition, one subquery per ordered metric.</summary>
internal sealed class LoggedModelSearchSql(SqlDialect dialect)
{
    private readonly SearchConditions conditions = new(dialect);
    private readonly List<string> columns = [LoggedModelStore.Columns];
    private readonly List<OrderColumn<LoggedModelRow>> order = [];
    private IReadOnlyCollection<long> experiments = [];

    public object Parameters => conditions.Parameters;

    /// <summary>For page tokens; complete after the last <see cref="AddOrder"/>.</summary>
    public PageOrder<LoggedModelRow> Order => new([.. order, .. LastColumns()]);

    public void InExperiments(IReadOnlyCollection<long> ids)
    {
        conditions.Add("m.lifecycle_stage <> 'deleted'");
        experiments = ids;
    }

    /// <summary>Metric conditions hold for any point ever logged; with datasets, for a point on one of them.</summary>
    public void AddFilter(IReadOnlyCollection<BoundComparison> filter, IReadOnlyList<LoggedModelDataset> datasets)
    {
        foreach (var comparison in filter)
            conditions.Add(Condition(comparison, datasets));
        if (datasets.Count > 0 && filter.All(comparison => comparison.Kind != EntityKind.Metric))
            conditions.Add($"EXISTS (SELECT 1 FROM logged_model_metrics x WHERE x.model_id = m.model_id{On(datasets)})");
    }

    public void AddOrder(OrderTerm term, LoggedModelOrderBy by)
    {
        var column = term.Kind == EntityKind.Attribute ? $"m.{term.Key}" : LatestMetric(term, by);
        Func<LoggedModelRow, object?>? value = term.Key switch
        {
            _ when term.Kind != EntityKind.Attribute => null,
            LoggedModelFields.CreationTimestamp => row => row.CreationTimestampMs,
            LoggedModelFields.LastUpdatedTimestamp => row => row.LastUpdatedTimestampMs,
            "name" => row => row.Name,
            _ => null,
        };

        // Those that rows have are never NULL; of the others NULL comes last.
        if (value is null)
            order.Add(new($"CASE WHEN {column} IS NULL THEN 1 ELSE 0 END", Ascending: true));
        order.Add(new(column, term.Ascending, value));
    }

    public string Build(long limit, PageStart start)
    {
        var sorted = Order;
        var page = new PageSql(string.Join(", ", columns), "logged_models m", "m", ["model_id"], sorted.Sql)
        {
            // An order by metrics needs a sort anyway.
            Parts = columns.Count == 1 && experiments.Count <= PageSql.MaxParts
                ? [.. experiments.Select(id => conditions.In("m.experiment_id", [id]))]
                : [conditions.In("m.experiment_id", experiments)],
            After = sorted.After(start.Order, start.Row, conditions),
        };
        return page.Build(conditions, limit, Math.Max(0, start.Offset));
    }

    private IEnumerable<OrderColumn<LoggedModelRow>> LastColumns()
    {
        if (order.TrueForAll(column => column.Column != $"m.{LoggedModelFields.CreationTimestamp}"))
            yield return new($"m.{LoggedModelFields.CreationTimestamp}", Ascending: false, row => row.CreationTimestampMs);
        yield return new("m.model_id", Ascending: true, row => row.ModelId);
    }

    private string Condition(BoundComparison comparison, IReadOnlyList<LoggedModelDataset> datasets) => comparison.Kind switch
    {
        EntityKind.Metric => Keyed("logged_model_metrics", "metric_name", comparison.Key, Number("x.metric_value", comparison) + On(datasets)),
        EntityKind.Parameter => Keyed("logged_model_params", "param_key", comparison.Key, conditions.Text("x.param_value", comparison)),
        EntityKind.Tag => Keyed("logged_model_tags", "tag_key", comparison.Key, conditions.Text("x.tag_value", comparison)),
        _ when LoggedModelFields.IsNumeric(comparison.Key) => Number($"m.{comparison.Key}", comparison),
        _ => conditions.Text($"m.{comparison.Key}", comparison),
    };

    private string Keyed(string table, string keyColumn, string key, string condition) =>
        $"""
        EXISTS (
            SELECT 1 FROM {table} x
            WHERE x.model_id = m.model_id AND {dialect.TextEquals($"x.{keyColumn}", conditions.Parameter(key))} AND {condition})
        """;

    // Nothing compares to NaN, as nothing does to NULL; the database knows only the latter.
    private string Number(string column, BoundComparison comparison) =>
        conditions.Number(column, comparison.Number is double.NaN ? comparison with { Number = null, Text = null } : comparison);

    private string On(IReadOnlyList<LoggedModelDataset> datasets) => datasets.Count == 0
        ? ""
        : $" AND ({string.Join(" OR ", datasets.Select(dataset => $"({SameText("x.dataset_name", dataset.Name)} AND {SameText("x.dataset_digest", dataset.Digest)})"))})";

    private string SameText(string column, string? value) =>
        value is null ? $"{column} IS NULL" : dialect.TextEquals(column, conditions.Parameter(value));

    /// <summary>Adds the model's latest value as a column; its name.</summary>
    private string LatestMetric(OrderTerm term, LoggedModelOrderBy by)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"order_{columns.Count}");
        var dataset = (by.DatasetName is null ? "" : $" AND {SameText("x.dataset_name", by.DatasetName)}")
            + (by.DatasetDigest is null ? "" : $" AND {SameText("x.dataset_digest", by.DatasetDigest)}");
        columns.Add(
            $"""
            (SELECT x.metric_value FROM logged_model_metrics x
             WHERE x.model_id = m.model_id AND {dialect.TextEquals("x.metric_name", conditions.Parameter(term.Key))}{dataset}
             ORDER BY x.metric_timestamp_ms DESC, x.metric_step DESC, x.metric_value {(term.Ascending ? "ASC" : "DESC")}
             LIMIT 1) AS {name}
            """);
        return name;
    }
}
