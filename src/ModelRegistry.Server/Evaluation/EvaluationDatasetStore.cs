using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Rows of <c>evaluation_datasets</c> and <c>evaluation_dataset_tags</c>.</summary>
internal sealed class EvaluationDatasetStore(TrackingDatabase database, TrackingWriter writer, TimeProvider time)
{
    /// <summary>The tag that says who did it.</summary>
    internal const string UserTag = "mlflow.user";

    internal const string Columns = "dataset_id, name, \"schema\", profile, digest, created_time, last_update_time, created_by, last_updated_by";

    private static readonly string[] TagColumns = ["dataset_id", "\"key\"", "value"];

    public Task<EvaluationDataset> CreateAsync(
        Caller caller,
        string name,
        IReadOnlyCollection<KeyValuePair<string, JsonElement>> tags,
        IReadOnlyList<string> experimentIds,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var id = $"d-{Guid.NewGuid():N}";
        var values = tags.Select(tag => new EvaluationDatasetTagRow { DatasetId = id, Key = tag.Key, Value = ValueOf(tag.Value) }).ToList();
        var user = values.Find(tag => tag.Key == UserTag)?.Value;
        var row = new EvaluationDatasetRow
        {
            DatasetId = id, Name = name, Digest = Digest(name, now), CreatedTime = now, LastUpdateTime = now, CreatedBy = user, LastUpdatedBy = user,
        };
        return writer.WriteUnauditedAsync(
            async scope =>
            {
                await InsertAsync(scope, caller.Workspace, row);
                await scope.InsertAsync("evaluation_dataset_tags", TagColumns, [.. values.Select(tag => new object?[] { id, tag.Key, tag.Value })]);
                await EvaluationDatasetLinks.InsertAsync(scope, id, experimentIds, now);
                return new EvaluationDataset(row, values);
            },
            cancellationToken);
    }

    public Task<EvaluationDataset> GetAsync(Workspace workspace, string id, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope => await FindAsync(scope, workspace, id) ?? throw ApiException.NotFound($"Evaluation dataset with id '{id}' not found"),
            cancellationToken);

    /// <summary>Deletes the dataset with everything in it; one that is not there is no error.</summary>
    public Task DeleteAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var deleted = await scope.ExecuteAsync(
                    "DELETE FROM evaluation_datasets WHERE dataset_id = @id AND workspace = @workspace", new { id, workspace = caller.Workspace.Name });
                if (deleted > 0)
                    await EvaluationDatasetLinks.DeleteAllAsync(scope, id);
            },
            cancellationToken);

    /// <summary>Sets tags; a value that is null leaves the tag as it is.</summary>
    public Task SetTagsAsync(
        Caller caller, string id, IReadOnlyCollection<KeyValuePair<string, JsonElement>> tags, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                if (await FindRowAsync(scope, caller.Workspace, id) is null)
                    throw ApiException.NotFound($"Could not find evaluation dataset with ID {id}");
                var rows = tags.Where(tag => tag.Value.ValueKind != JsonValueKind.Null);
                await scope.InsertAsync(
                    "evaluation_dataset_tags",
                    TagColumns,
                    [.. rows.Select(tag => new object?[] { id, tag.Key, ValueOf(tag.Value) })],
                    scope.Dialect.OnConflictUpdate("dataset_id, \"key\"", ["value"]));
            },
            cancellationToken);

    /// <summary>Deletes a tag; without the tag or the dataset nothing happens.</summary>
    public Task DeleteTagAsync(Caller caller, string id, string key, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                if (await FindRowAsync(scope, caller.Workspace, id) is null)
                    return;
                await scope.ExecuteAsync(
                    $"DELETE FROM evaluation_dataset_tags WHERE dataset_id = @id AND {scope.Dialect.TextEquals("\"key\"", "@key")}", new { id, key });
            },
            cancellationToken);

    internal static Task<EvaluationDatasetRow?> FindRowAsync(SqlScope scope, Workspace workspace, string id, string tail = "") =>
        scope.FindAsync<EvaluationDatasetRow>(
            $"SELECT {Columns} FROM evaluation_datasets WHERE dataset_id = @id AND workspace = @workspace {tail}",
            new { id, workspace = workspace.Name });

    internal static async Task<EvaluationDataset?> FindAsync(SqlScope scope, Workspace workspace, string id) =>
        await FindRowAsync(scope, workspace, id) is { } row ? (await AttachTagsAsync(scope, [row]))[0] : null;

    /// <summary>The datasets of a page with their tags, in the order given.</summary>
    internal static async Task<List<EvaluationDataset>> AttachTagsAsync(SqlScope scope, IReadOnlyList<EvaluationDatasetRow> rows)
    {
        var found = await scope.QueryInChunksAsync<string, EvaluationDatasetTagRow>(
            "SELECT dataset_id, \"key\", value FROM evaluation_dataset_tags WHERE dataset_id IN @ids ORDER BY \"key\"",
            rows.Select(row => row.DatasetId),
            ids => new { ids });
        var tags = found.ToLookup(tag => tag.DatasetId);
        return [.. rows.Select(row => new EvaluationDataset(row, [.. tags[row.DatasetId]]))];
    }

    /// <summary>Changes with the dataset: the first digits of a hash of its name and the time of the change.</summary>
    internal static string Digest(string name, long updateTime)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{name}:{updateTime}")));
        return Convert.ToHexStringLower(hash)[..8];
    }

    internal static ApiException NoExperiment(string id) => ApiException.NotFound($"No Experiment with id={id}");

    private static Task<int> InsertAsync(SqlScope scope, Workspace workspace, EvaluationDatasetRow row) =>
        scope.ExecuteAsync(
            """
            INSERT INTO evaluation_datasets (dataset_id, name, digest, created_time, last_update_time, created_by, last_updated_by, workspace)
            VALUES (@DatasetId, @Name, @Digest, @CreatedTime, @LastUpdateTime, @CreatedBy, @LastUpdatedBy, @workspace)
            """,
            new { row.DatasetId, row.Name, row.Digest, row.CreatedTime, row.LastUpdateTime, row.CreatedBy, row.LastUpdatedBy, workspace = workspace.Name });

    private static string? ValueOf(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : EmbeddedJson.Text(value);
}
