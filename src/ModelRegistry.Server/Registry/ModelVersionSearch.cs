using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Registry;

/// <summary>Pages of model versions; those of prompts only when the filter asks for them.</summary>
internal sealed class ModelVersionSearch(Database database)
{
    private const string SameName = "t.workspace = v.workspace AND t.name = v.name";
    private const string SameVersion = $"{SameName} AND t.version = v.version";
    private static readonly string[] DefaultOrder = ["last_updated_timestamp DESC", "name ASC", "version_number DESC"];

    public async Task<RegistryPage<ModelVersion>> SearchAsync(
        RequestContext context,
        string? filter,
        IReadOnlyList<string> orderBy,
        int maxResults,
        string? pageToken,
        CancellationToken cancellationToken)
    {
        if (maxResults < 1)
            throw ApiException.Invalid($"Invalid value for max_results. It must be a positive integer, but got {maxResults}");
        var rule = PromptRule.Apply(ModelVersionVocabulary.Bind(filter));
        var conditions = Conditions(context.Workspace, rule);
        var isOfOneName = rule.Comparisons.Any(comparison => comparison is { Kind: EntityKind.Attribute, Key: "name", Comparator: "=" });
        var order = Order(orderBy.Count == 0 ? DefaultOrder : orderBy, isOfOneName);

        // The sum keeps SQLite from reading all versions in this order to find those of a few runs.
        if (rule.Comparisons.Any(comparison => comparison.List is not null))
            order = order.Replace("v.last_updated_time", "v.last_updated_time + 0", StringComparison.Ordinal);
        var offset = PageToken.Decode(pageToken);
        return await database.ReadAsync(
            async scope =>
            {
                var rows = await scope.QueryAsync<ModelVersionRow>(
                    $"""
                    SELECT {ModelVersionRow.Columns} FROM model_versions v
                    WHERE {conditions.Where}
                    ORDER BY {order}
                    LIMIT {conditions.Parameter(maxResults + 1L)} OFFSET {conditions.Parameter(offset)}
                    """,
                    conditions.Parameters);
                var hasMore = rows.Count > maxResults;
                if (hasMore)
                    rows.RemoveAt(maxResults);
                return new RegistryPage<ModelVersion>(
                    await scope.CompleteAsync(context.Workspace, rows), hasMore ? PageToken.Encode(offset + maxResults) : null);
            },
            cancellationToken);
    }

    private SearchConditions Conditions(string workspace, PromptRule rule)
    {
        var conditions = new SearchConditions(database.Dialect);
        conditions.Add($"v.workspace = {conditions.Parameter(workspace)} AND v.current_stage <> 'Deleted_Internal'");
        foreach (var comparison in rule.Comparisons.Where(comparison => comparison.Kind == EntityKind.Attribute))
        {
            conditions.Add(
                comparison.Key == "version_number"
                    ? conditions.Number("v.version", comparison)
                    : conditions.Text(comparison.Key == "source_path" ? "v.source" : $"v.{comparison.Key}", comparison));
        }

        conditions.AddTags(database.Dialect, "model_version_tags", SameVersion, rule.Comparisons.Where(comparison => comparison.Kind == EntityKind.Tag));

        // By name alone: one prompt version makes all versions of that name a prompt's.
        if (rule.HidesPrompts)
            conditions.HidePrompts(database.Dialect, "model_version_tags", SameName);
        return conditions;
    }

    /// <param name="isOfOneName">Then the name orders nothing, and MySQL would sort by it rather than read an index in order.</param>
    private static string Order(IReadOnlyList<string> clauses, bool isOfOneName)
    {
        var terms = ModelVersionVocabulary.BindOrder(clauses);
        var columns = terms.Where(term => !isOfOneName || term.Key != "name").Select(term => $"{Column(term.Key)} {(term.Ascending ? "ASC" : "DESC")}").ToList();
        if (!isOfOneName && terms.All(term => term.Key != "name"))
            columns.Add("v.name ASC");
        if (terms.All(term => term.Key != "version_number"))
            columns.Add("v.version DESC");
        return string.Join(", ", columns);
    }

    private static string Column(string key) => key switch
    {
        "name" => "v.name",
        "version_number" => "v.version",
        "creation_timestamp" => "v.creation_time",
        _ => "v.last_updated_time",
    };
}
