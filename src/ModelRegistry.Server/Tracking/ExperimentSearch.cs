using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Tracking;

/// <summary>Pages of experiments.</summary>
internal sealed class ExperimentSearch(Database database)
{
    private static readonly string[] DefaultOrder = ["creation_time DESC", "experiment_id ASC"];
    private static readonly string[] ListOrder = ["experiment_id ASC"];

    public Task<ExperimentPage> FindAsync(RequestContext context, ExperimentQuery query, CancellationToken cancellationToken)
    {
        var filter = ExperimentVocabulary.Bind(query.Filter);
        var order = ExperimentVocabulary.BindOrder(query.OrderBy.Count == 0 ? DefaultOrder : query.OrderBy);
        return database.ReadAsync(scope => FindAsync(scope, context, query, filter, order), cancellationToken);
    }

    /// <summary>In the order of the ids, as clients of the 1.x line list them.</summary>
    public Task<ExperimentPage> ListAsync(RequestContext context, ExperimentQuery query, CancellationToken cancellationToken) =>
        database.ReadAsync(scope => FindAsync(scope, context, query, [], ExperimentVocabulary.BindOrder(ListOrder)), cancellationToken);

    private static async Task<ExperimentPage> FindAsync(
        SqlScope scope, RequestContext context, ExperimentQuery query, IReadOnlyList<BoundComparison> filter, IReadOnlyList<OrderTerm> order)
    {
        var offset = PageToken.Decode(query.PageToken);
        var conditions = new SearchConditions(scope.Dialect);
        conditions.Add($"e.workspace = {conditions.Parameter(context.Workspace)}");
        conditions.Add(conditions.In("e.lifecycle_stage", Lifecycle.Of(query.View)));
        foreach (var comparison in filter)
            Add(conditions, comparison);
        var rows = await scope.QueryAsync<ExperimentRow>(
            $"""
            SELECT {ExperimentStore.Columns}
            FROM experiments e
            WHERE {conditions.Where}
            ORDER BY {OrderBy(order)}
            LIMIT {conditions.Parameter(query.MaxResults + 1)} OFFSET {conditions.Parameter(offset)}
            """,
            conditions.Parameters);
        var hasMore = rows.Count > query.MaxResults;
        if (hasMore)
            rows.RemoveAt(rows.Count - 1);
        return new ExperimentPage(
            await ExperimentTagStore.AttachAsync(scope, rows), hasMore ? PageToken.Encode(offset + query.MaxResults) : null);
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

    private static string OrderBy(IReadOnlyList<OrderTerm> terms)
    {
        var order = terms.Select(term => $"{Column(term.Key)} {(term.Ascending ? "ASC" : "DESC")}");
        return string.Join(", ", terms.Any(term => term.Key == "experiment_id") ? order : order.Append("e.experiment_id DESC"));
    }

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
