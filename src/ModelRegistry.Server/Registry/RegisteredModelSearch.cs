using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Filtering.Vocabularies;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Registry;

/// <summary>Pages of registered models; prompts only when the filter asks for them.</summary>
internal sealed class RegisteredModelSearch(RegistryDatabase database)
{
    private const string SameModel = "t.workspace = m.workspace AND t.name = m.name";

    /// <summary>The models that have a tag: by its key, the primary key of the tags has them in the order of their names.</summary>
    private const string ByTag = "registered_model_tags d CROSS JOIN registered_models m ON m.workspace = d.workspace AND m.name = d.name";

    /// <param name="maxResults">0 and less give an empty page and a token, as MLflow does.</param>
    public async Task<RegistryPage<RegisteredModel>> SearchAsync(
        Workspace workspace,
        string? filter,
        IReadOnlyList<string> orderBy,
        int maxResults,
        string? pageToken,
        CancellationToken cancellationToken)
    {
        var rule = PromptRule.Apply(RegisteredModelVocabulary.Bind(filter));
        var terms = RegisteredModelVocabulary.BindOrder(orderBy);
        var start = PageToken.Read(pageToken);
        var tags = rule.Comparisons.Where(comparison => comparison.Kind == EntityKind.Tag).GroupBy(comparison => comparison.Key, StringComparer.Ordinal).ToList();
        var leadingTag = terms is [] or [{ Key: "name" }, ..] ? tags.FirstOrDefault() : null;
        var conditions = Conditions(workspace.Name, rule, tags, leadingTag);
        var order = Order(terms, leadingTag is null ? "m.name" : "d.name");
        var statement = new PageSql(RegisteredModelRow.Columns, leadingTag is null ? "registered_models m" : ByTag, "m", ["workspace", "name"], order.Sql)
        {
            After = order.After(start.Order, start.Row, conditions),
        }.Build(conditions, Math.Max(0L, maxResults + 1L), start.Offset);
        return await database.ReadAsync(
            async scope =>
            {
                var rows = await scope.QueryAsync<RegisteredModelRow>(statement, conditions.Parameters);
                var token = PageToken.Cut(rows, maxResults, start, order.Sql, order.PlaceOf);
                return new RegistryPage<RegisteredModel>(await scope.CompleteAsync(workspace.Name, rows), token);
            },
            cancellationToken);
    }

    private SearchConditions Conditions(
        string workspace, PromptRule rule, List<IGrouping<string, BoundComparison>> tags, IGrouping<string, BoundComparison>? leadingTag)
    {
        var conditions = new SearchConditions(database.Dialect);
        conditions.Add($"m.workspace = {conditions.Parameter(workspace)}");
        if (leadingTag is not null)
            conditions.Add($"d.workspace = {conditions.Parameter(workspace)} AND {conditions.Tag(database.Dialect, "d", leadingTag)}");
        foreach (var comparison in rule.Comparisons.Where(comparison => comparison.Kind == EntityKind.Attribute))
            conditions.Add(conditions.Text("m.name", comparison));
        conditions.AddTags(database.Dialect, "registered_model_tags", SameModel, tags.Where(key => key != leadingTag).SelectMany(key => key));
        if (rule.HidesPrompts)
            conditions.HidePrompts(database.Dialect, "registered_model_tags", SameModel);
        return conditions;
    }

    private static PageOrder<RegisteredModelRow> Order(IReadOnlyList<OrderTerm> terms, string name)
    {
        var columns = terms.Select(term => Column(term.Key, term.Ascending));
        return new([.. terms.Any(term => term.Key == "name") ? columns : columns.Append(Column("name", ascending: true))]);

        OrderColumn<RegisteredModelRow> Column(string key, bool ascending) =>
            key == "name" ? new(name, ascending, row => row.Name) : new("m.last_updated_time", ascending);
    }
}
