using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Registry;

/// <summary>Pages of registered models; prompts only when the filter asks for them.</summary>
internal sealed class RegisteredModelSearch(Database database)
{
    private const string SameModel = "t.workspace = m.workspace AND t.name = m.name";

    /// <param name="maxResults">0 and less give an empty page and a token, as MLflow does.</param>
    public async Task<RegistryPage<RegisteredModel>> SearchAsync(
        RequestContext context,
        string? filter,
        IReadOnlyList<string> orderBy,
        int maxResults,
        string? pageToken,
        CancellationToken cancellationToken)
    {
        var conditions = Conditions(context.Workspace, filter);
        var order = Order(orderBy);
        var offset = PageToken.Decode(pageToken);
        return await database.ReadAsync(
            async scope =>
            {
                var rows = await scope.QueryAsync<RegisteredModelRow>(
                    $"""
                    SELECT {RegisteredModelRow.Columns} FROM registered_models m
                    WHERE {conditions.Where}
                    ORDER BY {order}
                    LIMIT {conditions.Parameter(Math.Max(0L, maxResults + 1L))} OFFSET {conditions.Parameter(offset)}
                    """,
                    conditions.Parameters);
                var hasMore = rows.Count >= maxResults + 1;
                var page = rows.Take(Math.Max(0, maxResults)).ToList();
                return new RegistryPage<RegisteredModel>(
                    await scope.CompleteAsync(context.Workspace, page), hasMore ? PageToken.Encode(offset + maxResults) : null);
            },
            cancellationToken);
    }

    private SearchConditions Conditions(string workspace, string? filter)
    {
        var rule = PromptRule.Apply(RegisteredModelVocabulary.Bind(filter));
        var conditions = new SearchConditions(database.Dialect);
        conditions.Add($"m.workspace = {conditions.Parameter(workspace)}");
        foreach (var comparison in rule.Comparisons.Where(comparison => comparison.Kind == EntityKind.Attribute))
            conditions.Add(conditions.Text("m.name", comparison));
        conditions.AddTags(database.Dialect, "registered_model_tags", SameModel, rule.Comparisons.Where(comparison => comparison.Kind == EntityKind.Tag));
        if (rule.HidesPrompts)
            conditions.HidePrompts(database.Dialect, "registered_model_tags", SameModel);
        return conditions;
    }

    private static string Order(IReadOnlyList<string> clauses)
    {
        var terms = RegisteredModelVocabulary.BindOrder(clauses);
        var columns = terms.Select(term =>
            $"{(term.Key == "name" ? "m.name" : "m.last_updated_time")} {(term.Ascending ? "ASC" : "DESC")}").ToList();
        if (terms.All(term => term.Key != "name"))
            columns.Add("m.name ASC");
        return string.Join(", ", columns);
    }
}
