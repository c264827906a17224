using System.Globalization;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Which experiments a dataset belongs to: rows of <c>entity_associations</c>.</summary>
internal sealed class EvaluationDatasetLinks(TrackingDatabase database, TrackingWriter writer, TimeProvider time)
{
    private const string OfDataset = "source_type = 'evaluation_dataset' AND source_id = @id AND destination_type = 'experiment'";

    private static readonly string[] Columns =
        ["association_id", "source_type", "source_id", "destination_type", "destination_id", "created_time"];

    /// <summary>The experiments of a dataset; none for a dataset that is not there.</summary>
    public Task<List<string>> ListAsync(Workspace workspace, string id, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.QueryAsync<string>(
                $"""
                SELECT destination_id FROM entity_associations
                WHERE {OfDataset}
                  AND NOT EXISTS (SELECT 1 FROM evaluation_datasets d WHERE d.dataset_id = source_id AND d.workspace <> @workspace)
                ORDER BY created_time, destination_id
                """,
                new { id, workspace = workspace.Name }),
            cancellationToken);

    /// <summary>Adds the dataset to experiments, which all must exist; those it is in already stay as they are.</summary>
    public Task<EvaluationDataset> AddAsync(Caller caller, string id, IReadOnlyList<string> experimentIds, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var dataset = await GetAsync(scope, caller.Workspace, id);
                await RequireExperimentsAsync(scope, caller.Workspace, experimentIds);
                var now = Now;
                await InsertAsync(
                    scope,
                    id,
                    experimentIds,
                    now,
                    scope.Dialect.OnConflictNothing("source_type, source_id, destination_type, destination_id"));
                return await TouchAsync(scope, dataset, now);
            },
            cancellationToken);

    /// <summary>Takes the dataset out of experiments; only an actual removal counts as a change of the dataset.</summary>
    public Task<EvaluationDataset> RemoveAsync(Caller caller, string id, IReadOnlyList<string> experimentIds, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var dataset = await GetAsync(scope, caller.Workspace, id);
                var removed = await scope.ExecuteInChunksAsync(
                    $"DELETE FROM entity_associations WHERE {OfDataset} AND destination_id IN @ids", experimentIds, ids => new { id, ids });
                return removed > 0 ? await TouchAsync(scope, dataset, Now) : dataset;
            },
            cancellationToken);

    internal static Task InsertAsync(SqlScope scope, string id, IReadOnlyList<string> experimentIds, long now, string tail = "") =>
        scope.InsertAsync(
            "entity_associations",
            Columns,
            [.. experimentIds.Select(experiment => new object?[] { $"{Guid.NewGuid():N}", "evaluation_dataset", id, "experiment", experiment, now })],
            tail);

    internal static Task<int> DeleteAllAsync(SqlScope scope, string id) =>
        scope.ExecuteAsync(
            """
            DELETE FROM entity_associations
            WHERE (source_type = 'evaluation_dataset' AND source_id = @id) OR (destination_type = 'evaluation_dataset' AND destination_id = @id)
            """,
            new { id });

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static async Task<EvaluationDataset> GetAsync(SqlScope scope, Workspace workspace, string id) =>
        await EvaluationDatasetStore.FindAsync(scope, workspace, id) ?? throw ApiException.NotFound($"Dataset '{id}' not found");

    private static async Task RequireExperimentsAsync(SqlScope scope, Workspace workspace, IReadOnlyList<string> experimentIds)
    {
        var numbers = experimentIds.Where(id => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out _)).ToList();
        var visible = (await ExperimentLocator.VisibleAsync(scope, workspace, numbers)).Select(id => id.ToString(CultureInfo.InvariantCulture)).ToHashSet();
        if (experimentIds.FirstOrDefault(id => !visible.Contains(id)) is { } missing)
            throw EvaluationDatasetStore.NoExperiment(missing);
    }

    private static async Task<EvaluationDataset> TouchAsync(SqlScope scope, EvaluationDataset dataset, long now)
    {
        await scope.ExecuteAsync(
            "UPDATE evaluation_datasets SET last_update_time = @now WHERE dataset_id = @id", new { now, id = dataset.Row.DatasetId });
        return dataset with { Row = dataset.Row with { LastUpdateTime = now } };
    }
}
