using System.Globalization;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>Builds the statement that finds one page of runs: a join per metric, parameter or tag in the filter, an outer join per one in the order.</summary>
internal sealed class RunSearchSql(SqlDialect dialect)
{
    /// <summary>A value of a parameter or tag that more rows than this have is none to begin a search with.</summary>
    public const int Few = 1000;

    // No database joins more than about 60 tables.
    private const int MaxFilters = 20;

    private readonly SearchConditions conditions = new(dialect);
    private readonly List<(string Table, string Condition)> filters = [];
    private readonly List<string> values = [];
    private readonly List<string> joins = [];
    private readonly List<OrderColumn<RunRow>> order = [];
    private IReadOnlyCollection<long> experiments = [];
    private IReadOnlyCollection<string> stages = [];

    public object Parameters => conditions.Parameters;

    /// <summary>For page tokens; complete after <see cref="AddOrder(IReadOnlyList{OrderTerm})"/>.</summary>
    public PageOrder<RunRow> Order => new(order);

    public void InExperiments(IReadOnlyCollection<long> ids, IReadOnlyCollection<string> lifecycles) => (experiments, stages) = (ids, lifecycles);

    /// <summary>Parameters and tags with one value come first: they leave fewer runs to look at for the others than metrics do.</summary>
    public void AddFilter(IEnumerable<BoundComparison> filter)
    {
        foreach (var comparison in filter.OrderBy(comparison => IsOneValue(comparison) ? 0 : 1))
            Add(comparison);
    }

    public void AddOrder(IReadOnlyList<OrderTerm> terms)
    {
        foreach (var term in terms)
            Add(term);
        if (!terms.Any(term => term is { Kind: EntityKind.Attribute, Key: "start_time" }))
            order.Add(Attribute("start_time", ascending: false));
        order.Add(Attribute("run_id", ascending: true));
    }

    /// <summary>
    /// Counts the rows with the rarest value that the filter asks for, up to <see cref="Few"/> and one more. null where the answer would change
    /// nothing: there is no such value, the database does not plan, or the order needs all runs that are found anyway.
    /// </summary>
    public string? CountValues()
    {
        if (!dialect.PlansJoins || joins.Count > 0 || values.Count == 0)
            return null;
        var limit = conditions.Parameter(Few + 1L);
        var counts = values.Select((rows, index) => $"SELECT COUNT(*) AS found FROM (SELECT 1 FROM {rows} LIMIT {limit}) c{index}");
        return $"SELECT MIN(found) FROM ({string.Join(" UNION ALL ", counts)}) c";
    }

    /// <summary>The statement; asks for one row more than the page has, which tells whether there is another page.</summary>
    /// <param name="hasRareValue">
    /// The filter asks for a value of <see cref="Few"/> rows at most. Without one, runs are read in their order until the page is full, which a
    /// planner would not do by itself: what it counts is all runs that are found.
    /// </param>
    public string Build(long limit, PageStart start, bool hasRareValue)
    {
        var join = joins.Count > 0 || hasRareValue ? "CROSS JOIN" : dialect.JoinInOrder;
        var sorted = Order;
        var page = new PageSql(RunStore.Columns, "runs r", "r", ["run_uuid"], sorted.Sql)
        {
            Filters = string.Join(' ', filters.Select((filter, index) => $"{join} {filter.Table} f{index} ON f{index}.run_uuid = r.run_uuid AND {filter.Condition}")),
            Joins = string.Join(' ', joins),
            Parts = Parts(),
            After = sorted.After(start.Order, start.Row, conditions),
        };
        return page.Build(conditions, limit + 1, start.Offset);
    }

    /// <summary>One part per experiment and stage, for each of which an index has the default order; one for all where the order needs a sort anyway.</summary>
    private List<string> Parts()
    {
        if (joins.Count == 0 && experiments.Count * stages.Count <= PageSql.MaxParts)
            return [.. experiments.SelectMany(id => stages.Select(stage => Part([id], [stage])))];
        return [Part(experiments, stages)];
    }

    private string Part(IReadOnlyCollection<long> ids, IReadOnlyCollection<string> lifecycles) =>
        $"{conditions.In("r.experiment_id", ids)} AND {conditions.In("r.lifecycle_stage", lifecycles)}";

    private void Add(BoundComparison comparison)
    {
        switch (comparison.Kind)
        {
            case EntityKind.Metric:
                AddKeyed("latest_metrics", comparison);
                break;
            case EntityKind.Parameter:
                AddKeyed("params", comparison);
                break;
            case EntityKind.Tag:
                AddKeyed("tags", comparison);
                break;
            case EntityKind.Dataset:
                AddDataset(comparison);
                break;
            default:
                AddAttribute(comparison);
                break;
        }
    }

    /// <summary>A row of a key-value table is joined: a planner with statistics begins with the one that leaves the fewest runs.</summary>
    private void AddKeyed(string table, BoundComparison comparison)
    {
        if (comparison.IsNullCheck || filters.Count == MaxFilters)
        {
            conditions.AddKeyed(table, "x.run_uuid = r.run_uuid", comparison);
            return;
        }

        filters.Add((table, conditions.Keyed(string.Create(CultureInfo.InvariantCulture, $"f{filters.Count}"), comparison)));
        if (IsOneValue(comparison))
            values.Add($"{table} v WHERE {conditions.Keyed("v", comparison)}");
    }

    private static bool IsOneValue(BoundComparison comparison) => comparison is { Comparator: "=", Kind: EntityKind.Parameter or EntityKind.Tag };

    private void AddAttribute(BoundComparison comparison)
    {
        // The name is looked up in its tag: very old runs have no other.
        if (comparison.Key == "run_name")
            AddKeyed("tags", comparison with { Kind = EntityKind.Tag, Key = RunTagStore.RunName });
        else if (comparison.Key is "start_time" or "end_time")
            conditions.Add(conditions.Number(Column(comparison.Key), comparison));
        else
            conditions.Add(conditions.Text(Column(comparison.Key), comparison));
    }

    private void AddDataset(BoundComparison comparison)
    {
        var isContext = comparison.Key == "context";
        var tag = isContext ? "JOIN input_tags t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'" : "";
        var column = comparison.Key switch
        {
            "context" => "t.value",
            "digest" => "d.digest",
            _ => "d.name",
        };
        conditions.Add(
            $"""
            EXISTS (
                SELECT 1 FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id {tag}
                WHERE i.destination_type = 'RUN' AND i.destination_id = r.run_uuid AND i.source_type = 'DATASET'
                  AND {conditions.Text(column, comparison)})
            """);
    }

    private void Add(OrderTerm term)
    {
        if (term.Kind == EntityKind.Attribute)
        {
            // A descending order has NULL last anyway, and without help it can use an index.
            if (term.Ascending)
                order.Add(new($"CASE WHEN {Column(term.Key)} IS NULL THEN 1 ELSE 0 END", Ascending: true));
            order.Add(Attribute(term.Key, term.Ascending));
            return;
        }

        var table = term.Kind switch
        {
            EntityKind.Metric => "latest_metrics",
            EntityKind.Parameter => "params",
            _ => "tags",
        };
        var alias = string.Create(CultureInfo.InvariantCulture, $"o{joins.Count}");
        var key = dialect.TextEquals($"{alias}.\"key\"", conditions.Parameter(term.Key));
        joins.Add($"LEFT JOIN {table} {alias} ON {alias}.run_uuid = r.run_uuid AND {key}");
        var missing = term.Kind == EntityKind.Metric
            ? $"CASE WHEN {alias}.is_nan = 1 THEN 1 WHEN {alias}.value IS NULL THEN 2 ELSE 0 END"
            : $"CASE WHEN {alias}.value IS NULL THEN 1 ELSE 0 END";
        order.Add(new(missing, Ascending: true));
        order.Add(new($"{alias}.value", term.Ascending));
    }

    private static OrderColumn<RunRow> Attribute(string key, bool ascending) => key switch
    {
        "run_id" => new("r.run_uuid", ascending, row => row.RunUuid),
        "start_time" => new("r.start_time", ascending, row => row.StartTime, IsNullable: true),
        "end_time" => new("r.end_time", ascending, row => row.EndTime, IsNullable: true),
        _ => new(Column(key), ascending),
    };

    private static string Column(string attribute) => attribute switch
    {
        "run_id" => "r.run_uuid",
        "run_name" => "r.name",
        "status" => "r.status",
        "user_id" => "r.user_id",
        "artifact_uri" => "r.artifact_uri",
        "start_time" => "r.start_time",
        "end_time" => "r.end_time",
        _ => throw new InvalidOperationException($"The search grammar let the attribute '{attribute}' through."),
    };
}
