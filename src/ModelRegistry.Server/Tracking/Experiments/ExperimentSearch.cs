using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Filtering.Vocabularies;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Tracking.Experiments;

/// <summary>Pages of experiments.</summary>
internal sealed class ExperimentSearch(TrackingDatabase database)
{
    private static readonly string[] DefaultOrder = ["creation_time DESC", "experiment_id ASC"];
    private static readonly string[] ListOrder = ["experiment_id ASC"];

    public Task<ExperimentPage> FindAsync(Workspace workspace, ExperimentQuery query, CancellationToken cancellationToken)
    {
        var filter = ExperimentVocabulary.Bind(query.Filter);
        var order = ExperimentVocabulary.BindOrder(query.OrderBy.Count == 0 ? DefaultOrder : query.OrderBy);
        return database.ReadAsync(scope => FindAsync(scope, workspace, query, filter, order), cancellationToken);
    }

    /// <summary>In the order of the ids, as clients of the 1.x line list them.</summary>
    public Task<ExperimentPage> ListAsync(Workspace workspace, ExperimentQuery query, CancellationToken cancellationToken) =>
        database.ReadAsync(scope => FindAsync(scope, workspace, query, [], ExperimentVocabulary.BindOrder(ListOrder)), cancellationToken);

    private static async Task<ExperimentPage> FindAsync(
        SqlScope scope, Workspace workspace, ExperimentQuery query, IReadOnlyList<BoundComparison> filter, IReadOnlyList<OrderTerm> order)
    {
        var start = PageToken.Read(query.PageToken);
        var conditions = new SearchConditions(scope.Dialect);
        conditions.Add($"e.workspace = {conditions.Parameter(workspace.Name)}");
        foreach (var comparison in filter)
            Add(conditions, comparison);
        var sorted = Order(order);
        var page = new PageSql(ExperimentStore.Columns, "experiments e", "e", ["experiment_id"], sorted.Sql)
        {
            Parts = [.. Lifecycle.Of(query.View).Select(stage => $"e.lifecycle_stage = {conditions.Parameter(stage)}")],
            After = sorted.After(start.Order, start.Row, conditions),
        };
        var statement = page.Build(conditions, query.MaxResults + 1, start.Offset);
        var rows = await scope.QueryAsync<ExperimentRow>(statement, conditions.Parameters);
        var token = PageToken.Cut(rows, query.MaxResults, start, sorted.Sql, sorted.PlaceOf);
        return new ExperimentPage(await ExperimentTagStore.AttachAsync(scope, rows), token);
    }

    private static void Add(SearchConditions conditions, BoundComparison comparison)
    {
        if (comparison.Kind == EntityKind.Tag)
            conditions.AddKeyed("experiment_tags", "x.experiment_id = e.experiment_id", comparison);
        else if (comparison.Key == "name")
            conditions.Add(conditions.Text("e.name", comparison));
        else
            conditions.Add(conditions.Number(Column(comparison.Key), comparison));
    }

    private static PageOrder<ExperimentRow> Order(IReadOnlyList<OrderTerm> terms)
    {
        var columns = terms.Select(term => Column(term.Key, term.Ascending));
        return new([.. terms.Any(term => term.Key == "experiment_id") ? columns : columns.Append(Column("experiment_id", ascending: false))]);
    }

    private static OrderColumn<ExperimentRow> Column(string attribute, bool ascending) => attribute switch
    {
        "name" => new("e.name", ascending, row => row.Name),
        "experiment_id" => new("e.experiment_id", ascending, row => row.ExperimentId),
        "creation_time" => new("e.creation_time", ascending, row => row.CreationTime, IsNullable: true),
        _ => new(Column(attribute), ascending, row => row.LastUpdateTime, IsNullable: true),
    };

    private static string Column(string attribute) => attribute switch
    {
        "name" => "e.name",
        "experiment_id" => "e.experiment_id",
        "creation_time" => "e.creation_time",
        "last_update_time" => "e.last_update_time",
        _ => throw new InvalidOperationException($"The search grammar let the attribute '{attribute}' through."),
    };
}

/// <summary>What experiments/search asks for.</summary>
internal sealed record ExperimentQuery(string? Filter, ViewType? View, long MaxResults, IReadOnlyList<string> OrderBy, string? PageToken);

internal sealed record ExperimentPage(List<Experiment> Experiments, string? NextPageToken);
