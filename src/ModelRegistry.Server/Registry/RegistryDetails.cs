using Dapper;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Registry;

/// <summary>Completes rows with tags, aliases and latest versions; the number of statements does not depend on the number of rows of a chunk.</summary>
internal static class RegistryDetails
{
    private const int ChunkSize = 400;

    public static async Task<List<RegisteredModel>> CompleteAsync(this SqlScope scope, string workspace, IReadOnlyList<RegisteredModelRow> rows)
    {
        var models = new List<RegisteredModel>(rows.Count);
        foreach (var chunk in rows.Chunk(ChunkSize))
        {
            var names = chunk.Select(row => row.Name).ToList();
            var tags = (await scope.QueryAsync<RegistryTagRow>(
                """
                SELECT name, "key", value FROM registered_model_tags
                WHERE workspace = @workspace AND name IN @names
                ORDER BY name, "key"
                """,
                new { workspace, names })).ToLookup(tag => tag.Name);
            var aliases = await scope.AliasesAsync(workspace, names);
            var latest = (await scope.CompleteAsync(workspace, await scope.LatestRowsAsync(workspace, names), aliases))
                .ToLookup(version => version.Row.Name);
            models.AddRange(chunk.Select(row =>
                new RegisteredModel(row, [.. tags[row.Name]], [.. aliases[row.Name]], [.. latest[row.Name]])));
        }

        return models;
    }

    public static async Task<List<ModelVersion>> CompleteAsync(this SqlScope scope, string workspace, IReadOnlyList<ModelVersionRow> rows)
    {
        var versions = new List<ModelVersion>(rows.Count);
        foreach (var chunk in rows.Chunk(ChunkSize))
        {
            var aliases = await scope.AliasesAsync(workspace, [.. chunk.Select(row => row.Name).Distinct()]);
            versions.AddRange(await scope.CompleteAsync(workspace, chunk, aliases));
        }

        return versions;
    }

    /// <summary>The newest version of each stage, stages in the order in which they appear when versions are read by number.</summary>
    /// <remarks>Each stage is one look into an index: the cost does not grow with the number of versions.</remarks>
    public static Task<List<ModelVersionRow>> LatestRowsAsync(this SqlScope scope, string workspace, IReadOnlyList<string> names) =>
        scope.QueryAsync<ModelVersionRow>(
            $"""
            SELECT {ModelVersionRow.Columns}
            FROM registered_models m
            JOIN (SELECT 'None' AS stage UNION ALL SELECT 'Staging' UNION ALL SELECT 'Production' UNION ALL SELECT 'Archived') s
            JOIN model_versions v ON v.workspace = m.workspace AND v.name = m.name AND v.version = (
                SELECT x.version FROM model_versions x
                WHERE x.workspace = m.workspace AND x.name = m.name AND x.current_stage = s.stage
                ORDER BY x.version DESC LIMIT 1)
            WHERE m.workspace = @workspace AND m.name IN @names
            ORDER BY m.name, (
                SELECT x.version FROM model_versions x
                WHERE x.workspace = m.workspace AND x.name = m.name AND x.current_stage = s.stage
                ORDER BY x.version LIMIT 1)
            """,
            new { workspace, names });

    private static async Task<ILookup<string, AliasRow>> AliasesAsync(this SqlScope scope, string workspace, List<string> names) =>
        (await scope.QueryAsync<AliasRow>(
            """
            SELECT name, alias, version FROM registered_model_aliases
            WHERE workspace = @workspace AND name IN @names
            ORDER BY name, alias
            """,
            new { workspace, names })).ToLookup(alias => alias.Name);

    private static async Task<List<ModelVersion>> CompleteAsync(
        this SqlScope scope, string workspace, IReadOnlyList<ModelVersionRow> rows, ILookup<string, AliasRow> aliases)
    {
        var tags = await scope.VersionTagsAsync(workspace, rows);
        return [.. rows.Select(row => new ModelVersion(
            row,
            [.. tags[(row.Name, row.Version)]],
            [.. aliases[row.Name].Where(alias => alias.Version == row.Version).Select(alias => alias.Alias)]))];
    }

    private static async Task<ILookup<(string Name, long Version), RegistryTagRow>> VersionTagsAsync(
        this SqlScope scope, string workspace, IReadOnlyList<ModelVersionRow> rows)
    {
        var tags = new List<RegistryTagRow>();
        foreach (var chunk in rows.Chunk(ChunkSize))
        {
            var parameters = new DynamicParameters(new { workspace });
            var terms = chunk.GroupBy(row => row.Name).Select((group, index) =>
            {
                // The underscore keeps the names that a list expands to (v1_1, v1_2) apart from those of other lists.
                parameters.Add($"n{index}", group.Key);
                parameters.Add($"v{index}_", group.Select(row => row.Version).ToList());
                return $"(workspace = @workspace AND name = @n{index} AND version IN @v{index}_)";
            }).ToList();
            tags.AddRange(await scope.QueryAsync<RegistryTagRow>(
                $"""
                SELECT name, version, "key", value FROM model_version_tags
                WHERE {string.Join(" OR ", terms)}
                ORDER BY "key"
                """,
                parameters));
        }

        return tags.ToLookup(tag => (tag.Name, tag.Version));
    }
}
