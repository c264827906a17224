using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Tracking.Experiments;

/// <summary>Rows of <c>experiment_tags</c>.</summary>
internal sealed class ExperimentTagStore(TrackingWriter writer)
{
    public Task SetAsync(Caller caller, long id, string key, string value, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.ExperimentTagSet(id, key, value),
            async write =>
            {
                var scope = write.Scope;
                await RequireActiveAsync(scope, caller.Workspace, id);
                await scope.InsertAsync(
                    "experiment_tags",
                    ["\"key\"", "value", "experiment_id"],
                    [[key, value, id]],
                    scope.Dialect.OnConflictUpdate("\"key\", experiment_id", ["value"]));
            },
            cancellationToken);

    public Task DeleteAsync(Caller caller, long id, string key, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.ExperimentTagDeleted(id, key),
            async write =>
            {
                var scope = write.Scope;
                await RequireActiveAsync(scope, caller.Workspace, id);
                var touched = await scope.ExecuteAsync(
                    $"DELETE FROM experiment_tags WHERE experiment_id = @id AND {scope.Dialect.TextEquals("\"key\"", "@key")}", new { id, key });
                if (touched == 0)
                    throw ApiException.NotFound($"No tag with name: {key} in experiment with id {id}");
            },
            cancellationToken);

    /// <summary>The experiments of a page with their tags, in the order given.</summary>
    public static async Task<List<Experiment>> AttachAsync(SqlScope scope, IReadOnlyList<ExperimentRow> rows)
    {
        var found = await scope.QueryInChunksAsync<long, ExperimentTagRow>(
            "SELECT experiment_id, \"key\", value FROM experiment_tags WHERE experiment_id IN @ids", rows.Select(row => row.ExperimentId), ids => new { ids });
        var tags = found.ToLookup(tag => tag.ExperimentId);
        return [.. rows.Select(row => new Experiment(row, [.. tags[row.ExperimentId]]))];
    }

    private static async Task RequireActiveAsync(SqlScope scope, Workspace workspace, long id) =>
        ExperimentRules.CheckActive(await ExperimentStore.FindAsync(scope, workspace, id) ?? throw ExperimentRules.NotFound(id));
}

internal sealed record ExperimentTagRow
{
    public long ExperimentId { get; init; }

    public required string Key { get; init; }

    public string? Value { get; init; }
}

/// <summary>An experiment as it is answered: its row and its tags.</summary>
internal sealed record Experiment(ExperimentRow Row, IReadOnlyList<ExperimentTagRow> Tags);
