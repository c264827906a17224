using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Filtering.Vocabularies;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Pages of evaluation datasets.</summary>
internal sealed class EvaluationDatasetSearch(TrackingDatabase database)
{
    private static readonly string[] DefaultOrder = ["created_time DESC"];

    public Task<EvaluationDatasetPage> FindAsync(Workspace workspace, EvaluationDatasetQuery query, CancellationToken cancellationToken)
    {
        var start = PageToken.Read(query.PageToken);
        var filter = EvaluationDatasetVocabulary.Bind(query.Filter);
        var order = EvaluationDatasetVocabulary.BindOrder(query.OrderBy.Count == 0 ? DefaultOrder : query.OrderBy);
        return database.ReadAsync(scope => FindAsync(scope, workspace, query, start, filter, order), cancellationToken);
    }

    private static async Task<EvaluationDatasetPage> FindAsync(
        SqlScope scope,
        Workspace workspace,
        EvaluationDatasetQuery query,
        PageStart start,
        IReadOnlyList<BoundComparison> filter,
        IReadOnlyList<OrderTerm> order)
    {
        var conditions = new SearchConditions(scope.Dialect);

        // Those of an experiment are found by their ids: without the sum and COALESCE SQLite would rather read all datasets of the workspace.
        var (owner, created) = query.ExperimentIds.Count == 0 ? ("d.workspace", "d.created_time") : ("COALESCE(d.workspace, '')", "d.created_time + 0");
        conditions.Add($"{owner} = {conditions.Parameter(workspace.Name)}");
        AddExperiments(conditions, query.ExperimentIds);
        foreach (var comparison in filter)
            Add(conditions, comparison);
        var sorted = new PageOrder<EvaluationDatasetRow>([.. order.Select(term => Column(term, created)), new("d.dataset_id", Ascending: false, row => row.DatasetId)]);
        var page = new PageSql(EvaluationDatasetStore.Columns, "evaluation_datasets d", "d", ["dataset_id"], sorted.Sql)
        {
            After = sorted.After(start.Order, start.Row, conditions),
        };
        var rows = await scope.QueryAsync<EvaluationDatasetRow>(
            page.Build(conditions, query.MaxResults + 1, start.Offset), conditions.Parameters);
        var token = PageToken.Cut(rows, query.MaxResults, start, sorted.Sql, sorted.PlaceOf);
        return new EvaluationDatasetPage(await EvaluationDatasetStore.AttachTagsAsync(scope, rows), token);
    }

    private static OrderColumn<EvaluationDatasetRow> Column(OrderTerm term, string created) => term.Key switch
    {
        "created_time" => new(created, term.Ascending, row => row.CreatedTime, IsNullable: true),
        "last_update_time" => new("d.last_update_time", term.Ascending, row => row.LastUpdateTime, IsNullable: true),
        "name" => new("d.name", term.Ascending, row => row.Name),
        _ => new($"d.{term.Key}", term.Ascending),
    };

    private static void AddExperiments(SearchConditions conditions, IReadOnlyList<string> experimentIds)
    {
        if (experimentIds.Count == 0)
            return;
        conditions.Add(
            $"""
            d.dataset_id IN (
                SELECT a.source_id FROM entity_associations a
                WHERE a.source_type = 'evaluation_dataset' AND a.destination_type = 'experiment' AND {conditions.In("a.destination_id", experimentIds)})
            """);
    }

    /// <remarks>The keys of attributes are names of columns: the vocabulary lets no others through.</remarks>
    private static void Add(SearchConditions conditions, BoundComparison comparison)
    {
        if (comparison.Kind == EntityKind.Tag)
            conditions.AddKeyed("evaluation_dataset_tags", "x.dataset_id = d.dataset_id", comparison);
        else if (comparison.Comparator is "=" or "!=" or "LIKE" or "ILIKE" && comparison.Number is null)
            conditions.Add(conditions.Text($"d.{comparison.Key}", comparison));
        else
            conditions.Add(conditions.Number($"d.{comparison.Key}", comparison));
    }
}

/// <summary>What datasets/search asks for.</summary>
/// <param name="ExperimentIds">Empty for all.</param>
internal sealed record EvaluationDatasetQuery(
    IReadOnlyList<string> ExperimentIds, string? Filter, int MaxResults, IReadOnlyList<string> OrderBy, string? PageToken);

internal sealed record EvaluationDatasetPage(List<EvaluationDataset> Datasets, string? NextPageToken);
