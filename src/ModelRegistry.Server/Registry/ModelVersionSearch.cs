using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Vocabularies;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Registry;

/// <summary>Pages of model versions; those of prompts only when the filter asks for them.</summary>
internal sealed class ModelVersionSearch(RegistryDatabase database)
{
    private const string SameName = "t.workspace = v.workspace AND t.name = v.name";
    private const string SameVersion = $"{SameName} AND t.version = v.version";
    private static readonly string[] DefaultOrder = ["last_updated_timestamp DESC", "name ASC", "version_number DESC"];

    public async Task<RegistryPage<ModelVersion>> SearchAsync(
        Workspace workspace,
        string? filter,
        IReadOnlyList<string> orderBy,
        int maxResults,
        string? pageToken,
        CancellationToken cancellationToken)
    {
        if (maxResults < 1)
            throw ApiException.Invalid($"Invalid value for max_results. It must be a positive integer, but got {maxResults}");
        var rule = PromptRule.Apply(ModelVersionVocabulary.Bind(filter));
        var conditions = Conditions(workspace.Name, rule);

        // The sum keeps SQLite from reading all versions in this order to find those of a few runs.
        var updated = rule.Comparisons.Any(comparison => comparison.List is not null) ? "v.last_updated_time + 0" : "v.last_updated_time";
        var isOfOneName = rule.Comparisons.Any(comparison => comparison is { Kind: EntityKind.Attribute, Key: "name", Comparator: "=" });
        var order = Order(orderBy.Count == 0 ? DefaultOrder : orderBy, updated, isOfOneName);
        var start = PageToken.Read(pageToken);
        var statement = new PageSql(ModelVersionRow.Columns, "model_versions v", "v", ["workspace", "name", "version"], order.Sql)
        {
            After = order.After(start.Order, start.Row, conditions),
            Index = isOfOneName && orderBy.Count == 0 && rule.Comparisons.Count == 1 ? database.Dialect.ByIndex("mr_model_versions_page") : "",
        }.Build(conditions, maxResults + 1L, start.Offset);
        return await database.ReadAsync(
            async scope =>
            {
                var rows = await scope.QueryAsync<ModelVersionRow>(statement, conditions.Parameters);
                var token = PageToken.Cut(rows, maxResults, start, order.Sql, order.PlaceOf);
                return new RegistryPage<ModelVersion>(await scope.CompleteAsync(workspace.Name, rows), token);
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
    private static PageOrder<ModelVersionRow> Order(IReadOnlyList<string> clauses, string updated, bool isOfOneName)
    {
        var terms = ModelVersionVocabulary.BindOrder(clauses);
        var columns = terms.Where(term => term.Key != "name" || !isOfOneName).Select(term => Column(term.Key, term.Ascending, updated)).ToList();
        if (!isOfOneName && terms.All(term => term.Key != "name"))
            columns.Add(Column("name", ascending: true, updated));
        if (terms.All(term => term.Key != "version_number"))
            columns.Add(Column("version_number", ascending: false, updated));
        return new(columns);
    }

    private static OrderColumn<ModelVersionRow> Column(string key, bool ascending, string updated) => key switch
    {
        "name" => new("v.name", ascending, row => row.Name),
        "version_number" => new("v.version", ascending, row => row.Version),
        "creation_timestamp" => new("v.creation_time", ascending),
        _ => new(updated, ascending, row => row.LastUpdatedTime, IsNullable: true),
    };
}
