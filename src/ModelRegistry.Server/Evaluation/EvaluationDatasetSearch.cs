using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Pages of evaluation datasets.</summary>
internal sealed class EvaluationDatasetSearch(Database database)
{
    private static readonly string[] DefaultOrder = ["created_time DESC"];

    public Task<EvaluationDatasetPage> FindAsync(RequestContext context, EvaluationDatasetQuery query, CancellationToken cancellationToken)
    {
        var offset = PageToken.Decode(query.PageToken);
        var filter = EvaluationDatasetVocabulary.Bind(query.Filter);
        var order = EvaluationDatasetVocabulary.BindOrder(query.OrderBy.Count == 0 ? DefaultOrder : query.OrderBy);
        return database.ReadAsync(scope => FindAsync(scope, context, query, offset, filter, order), cancellationToken);
    }

    private static async Task<EvaluationDatasetPage> FindAsync(
        SqlScope scope,
        RequestContext context,
        EvaluationDatasetQuery query,
        long offset,
        IReadOnlyList<BoundComparison> filter,
        IReadOnlyList<OrderTerm> order)
    {
        var conditions = new SearchConditions(scope.Dialect);
        conditions.Add($"d.workspace = {conditions.Parameter(context.Workspace)}");
        AddExperiments(conditions, query.ExperimentIds);
        foreach (var comparison in filter)
            Add(conditions, comparison);
        var terms = order.Select(term => $"d.{term.Key} {(term.Ascending ? "ASC" : "DESC")}").Append("d.dataset_id DESC");
        var rows = await scope.QueryAsync<EvaluationDatasetRow>(
            $"""
            SELECT {EvaluationDatasetStore.Columns}
            FROM evaluation_datasets d
            WHERE {conditions.Where}
            ORDER BY {string.Join(", ", terms)}
            LIMIT {conditions.Parameter(query.MaxResults + 1)} OFFSET {conditions.Parameter(offset)}
            """,
            conditions.Parameters);
        var hasMore = rows.Count > query.MaxResults;
        if (hasMore)
            rows.RemoveAt(rows.Count - 1);
        return new EvaluationDatasetPage(
            await EvaluationDatasetStore.AttachTagsAsync(scope, rows), hasMore ? PageToken.Encode(offset + query.MaxResults) : null);
    }

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
