using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>Rows of <c>tags</c>.</summary>
internal sealed class RunTagStore(TrackingWriter writer)
{
    /// <summary>The tag that is kept equal to the run's name.</summary>
    public const string RunName = "mlflow.runName";

    private const string ModelHistory = "mlflow.log-model.history";

    public Task SetAsync(Caller caller, string runId, string key, string value, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                await ActiveRun.GetAsync(scope, caller.Workspace, runId);
                await SetAsync(scope, runId, [new RunTagRow { Key = key, Value = value }]);
            },
            cancellationToken,
            ActiveRun.Row(runId));

    public Task DeleteAsync(Caller caller, string runId, string key, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                await ActiveRun.GetAsync(scope, caller.Workspace, runId);
                var touched = await scope.ExecuteAsync(
                    $"DELETE FROM tags WHERE run_uuid = @runId AND {scope.Dialect.TextEquals("\"key\"", "@key")}", new { runId, key });
                if (touched == 0)
                    throw ApiException.NotFound($"No tag with name: {key} in run with id {runId}");
            },
            cancellationToken,
            ActiveRun.Row(runId));

    /// <summary>Appends one entry to the history that the older log-model call keeps in a tag.</summary>
    public Task AppendModelAsync(Caller caller, string runId, string modelJson, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                await ActiveRun.GetAsync(scope, caller.Workspace, runId);
                var before = await scope.FindAsync<string>(
                    "SELECT value FROM tags WHERE run_uuid = @runId AND \"key\" = @key", new { runId, key = ModelHistory });
                await UpsertAsync(scope, runId, [new RunTagRow { Key = ModelHistory, Value = JsonListText.Append(before, modelJson, $"{ModelHistory} of the run") }]);
            },
            cancellationToken,
            ActiveRun.Row(runId));

    /// <summary>Sets tags of a run that was checked already; of several with one key the last wins.</summary>
    internal static async Task SetAsync(SqlScope scope, string runId, IReadOnlyList<RunTagRow> tags)
    {
        // An empty name is ignored: a run always has one.
        var last = new Dictionary<string, RunTagRow>(tags.Count);
        foreach (var tag in tags.Where(tag => tag.Key != RunName || tag.Value is not (null or "")))
            last[tag.Key] = tag;
        if (last.TryGetValue(RunName, out var name))
            await scope.ExecuteAsync("UPDATE runs SET name = @name WHERE run_uuid = @runId", new { runId, name = name.Value });
        await UpsertAsync(scope, runId, last.Values);
    }

    private static Task UpsertAsync(SqlScope scope, string runId, IReadOnlyCollection<RunTagRow> tags) =>
        scope.InsertAsync(
            "tags",
            ["\"key\"", "value", "run_uuid"],
            [.. tags.Select(tag => new object?[] { tag.Key, tag.Value, runId })],
            scope.Dialect.OnConflictUpdate("\"key\", run_uuid", ["value"]));
}

internal sealed record RunTagRow
{
    public string RunUuid { get; init; } = "";

    public required string Key { get; init; }

    public string? Value { get; init; }
}
