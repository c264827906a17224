using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Registry;

/// <summary>Completes rows with tags, aliases and latest versions, in a fixed number of statements per chunk of rows.</summary>
internal static class RegistryDetails
{
    // SQLite takes 500 branches in one SELECT, and tags of versions can need as many as there are versions.
    private const int ChunkSize = 400;

    private const string ModelTags = """SELECT name, "key", value FROM registered_model_tags WHERE workspace = @workspace AND name IN @names""";

    private const string Aliases =
        "SELECT name, alias, version FROM registered_model_aliases WHERE workspace = @workspace AND name IN @names ORDER BY name, alias";

    private static readonly string ByAlias = VersionSql("registered_model_aliases", "p.alias = @alias");
    private static readonly string ByNumber = VersionSql("model_versions", "p.version = @version");

    /// <summary>A model with all that belongs to it.</summary>
    /// <returns>null when there is none of this name.</returns>
    public static async Task<RegisteredModel?> FindModelAsync(this SqlScope scope, string workspace, string name)
    {
        const string Model = $"SELECT {RegisteredModelRow.Columns} FROM registered_models m WHERE m.workspace = @workspace AND m.name IN @names";
        await using var results = scope.QueryBatch(new { workspace, names = (string[])[name] }, [Model, .. DetailsSql(scope.Dialect)]);
        return await results.ReadAsync<RegisteredModelRow>() is [var row] ? (await scope.CompleteAsync(workspace, [row], results))[0] : null;
    }

    public static async Task<List<RegisteredModel>> CompleteAsync(
        this SqlScope scope, string workspace, IReadOnlyList<RegisteredModelRow> rows)
    {
        var models = new List<RegisteredModel>(rows.Count);
        foreach (var chunk in rows.Chunk(ChunkSize))
        {
            await using var results = scope.QueryBatch(new { workspace, names = chunk.Select(row => row.Name).ToList() }, DetailsSql(scope.Dialect));
            models.AddRange(await scope.CompleteAsync(workspace, chunk, results));
        }

        return models;
    }

    public static async Task<List<ModelVersion>> CompleteAsync(this SqlScope scope, string workspace, IReadOnlyList<ModelVersionRow> rows)
    {
        if (rows.Count == 1)
            return [await scope.CompleteAsync(workspace, rows[0])];
        var versions = new List<ModelVersion>(rows.Count);
        foreach (var chunk in rows.Chunk(ChunkSize))
        {
            var aliases = await scope.AliasesAsync(workspace, [.. chunk.Select(row => row.Name).Distinct()]);
            versions.AddRange(await scope.CompleteAsync(workspace, chunk, aliases));
        }

        return versions;
    }

    /// <summary>The live version that an alias points to, with its tags and aliases, in one statement.</summary>
    /// <returns>null when there is none.</returns>
    public static Task<ModelVersion?> FindByAliasAsync(this SqlScope scope, string workspace, string name, string alias) =>
        scope.FindVersionAsync(ByAlias, new { workspace, name, alias });

    /// <summary>A live version with its tags and aliases, in one statement.</summary>
    /// <returns>null when there is none.</returns>
    public static Task<ModelVersion?> FindByNumberAsync(this SqlScope scope, string workspace, string name, long version) =>
        scope.FindVersionAsync(ByNumber, new { workspace, name, version });

    private static async Task<ModelVersion?> FindVersionAsync(this SqlScope scope, string sql, object values)
    {
        var rows = await scope.QueryAsync<VersionPartRow>(sql, values);
        if (rows.Find(row => row.Part is null) is not { } version)
            return null;
        rows.Sort(static (one, other) => string.CompareOrdinal(one.PartKey, other.PartKey));
        var tags = new List<RegistryTagRow>();
        var aliases = new List<string>();
        foreach (var row in rows)
        {
            if (row.Part == "tag")
                tags.Add(new RegistryTagRow { Name = version.Name, Version = version.Version, Key = row.PartKey!, Value = row.PartValue });
            else if (row.Part == "alias")
                aliases.Add(row.PartKey!);
        }

        return new ModelVersion(version, tags, aliases);
    }

    /// <summary>One version, in one statement: its tags, and its aliases as rows without a value.</summary>
    public static async Task<ModelVersion> CompleteAsync(this SqlScope scope, string workspace, ModelVersionRow row)
    {
        var found = await scope.QueryAsync<RegistryTagRow>(
            """
            SELECT 'tag' AS name, "key", value FROM model_version_tags WHERE workspace = @workspace AND name = @name AND version = @version
            UNION ALL
            SELECT 'alias', alias, NULL FROM registered_model_aliases WHERE workspace = @workspace AND name = @name AND version = @version
            """,
            new { workspace, name = row.Name, version = row.Version });
        if (found.Count == 0)
            return new ModelVersion(row, [], []);
        var sorted = found.OrderBy(item => item.Key, StringComparer.Ordinal).ToLookup(item => item.Name);
        return new ModelVersion(row, [.. sorted["tag"]], [.. sorted["alias"].Select(alias => alias.Key)]);
    }

    /// <summary>The newest version of each stage, stages in the order in which they appear when versions are read by number.</summary>
    public static async Task<List<ModelVersionRow>> LatestRowsAsync(this SqlScope scope, string workspace, IReadOnlyList<string> names) =>
        ByStage(await scope.QueryAsync<ModelVersionRow>(LatestSql(scope.Dialect), new { workspace, names }));

    /// <summary>As <see cref="LatestRowsAsync(SqlScope, string, IReadOnlyList{string})"/>, asked only of models whose versions are in several stages.</summary>
    /// <param name="newest">What <see cref="NewestSql"/> finds.</param>
    private static async Task<List<ModelVersionRow>> LatestRowsAsync(SqlScope scope, string workspace, List<ModelVersionRow> newest)
    {
        var latest = newest.FindAll(row => !row.HasOtherStages && row.CurrentStage != Stages.Deleted);
        var mixed = newest.FindAll(row => row.HasOtherStages);
        if (mixed.Count > 0)
            latest.AddRange(await scope.LatestRowsAsync(workspace, mixed.ConvertAll(row => row.Name)));
        return latest;
    }

    /// <param name="results">Those of <see cref="DetailsSql"/> for these rows.</param>
    private static async Task<List<RegisteredModel>> CompleteAsync(
        this SqlScope scope, string workspace, RegisteredModelRow[] rows, QueryResults results)
    {
        // Sorted here: asked for an order, SQLite reads all tags by the primary key instead of looking these up.
        var tags = (await results.ReadAsync<RegistryTagRow>()).OrderBy(tag => tag.Key, StringComparer.Ordinal).ToLookup(tag => tag.Name);
        var aliases = (await results.ReadAsync<AliasRow>()).ToLookup(alias => alias.Name);
        var latestRows = await LatestRowsAsync(scope, workspace, await results.ReadAsync<ModelVersionRow>());
        var latest = (await scope.CompleteAsync(workspace, latestRows, aliases)).ToLookup(version => version.Row.Name);
        return [.. rows.Select(row => new RegisteredModel(row, [.. tags[row.Name]], [.. aliases[row.Name]], [.. latest[row.Name]]))];
    }

    /// <summary>Tags, aliases and newest versions of models.</summary>
    private static string[] DetailsSql(SqlDialect dialect) => [ModelTags, Aliases, NewestSql(dialect)];

    /// <summary>
    /// The newest version of each model, deleted or not, and whether others are in another stage. They rarely are, and to ask that takes half the
    /// looks into indexes of <see cref="LatestSql"/>.
    /// </summary>
    private static string NewestSql(SqlDialect dialect)
    {
        var (join, primary) = (dialect.JoinInOrder, dialect.ByIndex("PRIMARY"));
        var stage =
            $"""
            SELECT x.current_stage FROM model_versions x {dialect.ByIndex("mr_model_versions_stage")}
            WHERE x.workspace = m.workspace AND x.name = m.name ORDER BY x.current_stage
            """;
        return $"""
            SELECT {ModelVersionRow.Columns}, ({stage} LIMIT 1) <> ({stage} DESC LIMIT 1) AS has_other_stages
            FROM registered_models m {primary}
            {join} model_versions v {primary} ON v.workspace = m.workspace AND v.name = m.name AND v.version =
                (SELECT x.version FROM model_versions x {primary} WHERE x.workspace = m.workspace AND x.name = m.name ORDER BY x.version DESC LIMIT 1)
            WHERE m.workspace = @workspace AND m.name IN @names
            """;
    }

    /// <remarks>Each stage is one look into an index, so the cost does not grow with the number of versions; planners would rather read them all.</remarks>
    private static string LatestSql(SqlDialect dialect)
    {
        var (join, primary, byStage) = (dialect.JoinInOrder, dialect.ByIndex("PRIMARY"), dialect.ByIndex("mr_model_versions_stage"));
        var ofStage =
            $"""
            SELECT x.version FROM model_versions x {byStage}
            WHERE x.workspace = m.workspace AND x.name = m.name AND x.current_stage = s.stage ORDER BY x.version
            """;
        return $"""
            SELECT {ModelVersionRow.Columns}, ({ofStage} LIMIT 1) AS stage_since
            FROM registered_models m {primary}
            {join} (SELECT 'None' AS stage UNION ALL SELECT 'Staging' UNION ALL SELECT 'Production' UNION ALL SELECT 'Archived') s
            {join} model_versions v {primary} ON v.workspace = m.workspace AND v.name = m.name AND v.version = ({ofStage} DESC LIMIT 1)
            WHERE m.workspace = @workspace AND m.name IN @names
            """;
    }

    private static List<ModelVersionRow> ByStage(List<ModelVersionRow> rows)
    {
        rows.Sort(static (one, other) => one.StageSince.CompareTo(other.StageSince));
        return rows;
    }

    private static async Task<ILookup<string, AliasRow>> AliasesAsync(this SqlScope scope, string workspace, List<string> names) =>
        (await scope.QueryAsync<AliasRow>(Aliases, new { workspace, names })).ToLookup(alias => alias.Name);

    private static async Task<List<ModelVersion>> CompleteAsync(
        this SqlScope scope, string workspace, IReadOnlyList<ModelVersionRow> rows, ILookup<string, AliasRow> aliases)
    {
        var tags = await scope.VersionTagsAsync(workspace, rows);
        var versions = new List<ModelVersion>(rows.Count);
        foreach (var row in rows)
            versions.Add(new ModelVersion(row, [.. tags[(row.Name, row.Version)]], AliasesOf(row, aliases)));
        return versions;
    }

    private static List<string> AliasesOf(ModelVersionRow row, ILookup<string, AliasRow> aliases)
    {
        var own = new List<string>();
        foreach (var alias in aliases[row.Name])
        {
            if (alias.Version == row.Version)
                own.Add(alias.Alias);
        }

        return own;
    }

    private static async Task<ILookup<(string Name, long Version), RegistryTagRow>> VersionTagsAsync(
        this SqlScope scope, string workspace, IReadOnlyList<ModelVersionRow> rows)
    {
        var tags = new List<RegistryTagRow>();
        foreach (var chunk in rows.Chunk(ChunkSize))
        {
            var parameters = new SqlParameters();
            parameters.Add("workspace", workspace);
            tags.AddRange(await scope.QueryAsync<RegistryTagRow>(VersionTagsSql(chunk, parameters), parameters));
        }

        return tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).ToLookup(tag => (tag.Name, tag.Version));
    }

    /// <summary>One branch per name, or per number when there are fewer of those: each is an index lookup, which an OR would not be.</summary>
    private static string VersionTagsSql(ModelVersionRow[] rows, SqlParameters parameters)
    {
        var isByName = rows.DistinctBy(row => row.Name).Count() <= rows.DistinctBy(row => row.Version).Count();
        var (one, many) = isByName ? ("name", "version") : ("version", "name");
        var groups = isByName
            ? rows.GroupBy(row => row.Name).Select(group => (One: (object)group.Key, Many: (object)group.Select(row => row.Version).ToList()))
            : rows.GroupBy(row => row.Version).Select(group => (One: (object)group.Key, Many: (object)group.Select(row => row.Name).ToList()));
        return string.Join(" UNION ALL ", groups.Select((group, index) =>
        {
            // The underscore keeps the names that a list expands to (many1_1, many1_2) apart from those of other lists.
            parameters.Add($"one{index}", group.One);
            parameters.Add($"many{index}_", group.Many);
            return $"""
                SELECT name, version, "key", value FROM model_version_tags
                WHERE workspace = @workspace AND {one} = @one{index} AND {many} IN @many{index}_
                """;
        }));
    }

    /// <summary>A live version, its tags and its aliases; each is found by an index.</summary>
    /// <param name="table">Has a row that names the version.</param>
    /// <param name="condition">Says which, among those of the model.</param>
    private static string VersionSql(string table, string condition)
    {
        var which = $"WHERE p.workspace = @workspace AND p.name = @name AND {condition}";
        return $"""
            SELECT {ModelVersionRow.Columns}, NULL AS part, NULL AS part_key, NULL AS part_value
            FROM {table} p JOIN model_versions v ON v.workspace = p.workspace AND v.name = p.name AND v.version = p.version
            {which} AND v.current_stage <> 'Deleted_Internal'
            UNION ALL
            SELECT {VersionPartRow.NoVersion}, 'tag', t."key", t.value
            FROM {table} p JOIN model_version_tags t ON t.workspace = p.workspace AND t.name = p.name AND t.version = p.version
            {which}
            UNION ALL
            SELECT {VersionPartRow.NoVersion}, 'alias', a.alias, NULL
            FROM {table} p JOIN registered_model_aliases a ON a.workspace = p.workspace AND a.name = p.name AND a.version = p.version
            {which}
            """;
    }
}
