using ModelRegistry.Server.Data;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Tracking.Inputs;

/// <summary>Rows of <c>inputs</c>, <c>input_tags</c> and <c>datasets</c>: edges between runs, datasets and logged models.</summary>
internal sealed class InputStore(TrackingWriter writer)
{
    private const string EdgeKey = "source_type, source_id, destination_type, destination_id";
    private static readonly string[] EdgeColumns = ["input_uuid", "source_type", "source_id", "destination_type", "destination_id", "step"];

    /// <summary>Links a run to the datasets and models it read; what is linked already stays as it is.</summary>
    public Task LogInputsAsync(
        Caller caller,
        string runId,
        IReadOnlyList<DatasetInputBody> datasets,
        IReadOnlyList<string> modelIds,
        CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var run = await ActiveRun.GetAsync(scope, caller.Workspace, runId);
                await LogDatasetsAsync(scope, run, [.. datasets.DistinctBy(input => (input.Dataset.Name, input.Dataset.Digest))]);
                await scope.InsertAsync(
                    "inputs",
                    EdgeColumns,
                    [.. modelIds.Select(id => new object?[] { NewId(), "RUN_INPUT", runId, "MODEL_INPUT", id, 0L })],
                    scope.Dialect.OnConflictNothing(EdgeKey));
            },
            cancellationToken);

    /// <summary>Links a run to the models it made.</summary>
    /// <exception cref="System.Data.Common.DbException">A unique violation: a model is linked already.</exception>
    public Task LogOutputsAsync(
        Caller caller, string runId, IReadOnlyList<ModelOutputBody> models, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                await ActiveRun.GetAsync(scope, caller.Workspace, runId);
                await scope.InsertAsync(
                    "inputs",
                    EdgeColumns,
                    [.. models.Select(model => new object?[] { NewId(), "RUN_OUTPUT", runId, "MODEL_OUTPUT", model.ModelId, model.Step })]);
            },
            cancellationToken);

    private static async Task LogDatasetsAsync(SqlScope scope, RunLocation run, List<DatasetInputBody> inputs)
    {
        if (inputs.Count == 0)
            return;
        var ids = await SaveDatasetsAsync(scope, run.ExperimentId, [.. inputs.Select(input => input.Dataset)]);
        var edges = inputs.ToDictionary(_ => NewId(), input => (Input: input, DatasetId: ids[(input.Dataset.Name, input.Dataset.Digest)]));
        await scope.InsertAsync(
            "inputs",
            EdgeColumns,
            [.. edges.Select(edge => new object?[] { edge.Key, "DATASET", edge.Value.DatasetId, "RUN", run.RunId, 0L })],
            scope.Dialect.OnConflictNothing(EdgeKey));

        // Tags belong to the first logging of a link: only edges that made it into the table get theirs.
        var stored = (await scope.QueryInChunksAsync<string, string>("SELECT input_uuid FROM inputs WHERE input_uuid IN @ids", edges.Keys, ids => new { ids })).ToHashSet();
        await scope.InsertAsync(
            "input_tags",
            ["input_uuid", "name", "value"],
            [.. from edge in edges
                where stored.Contains(edge.Key)
                from tag in edge.Value.Input.Tags
                select new object?[] { edge.Key, tag.Key, tag.Value }]);
    }

    /// <summary>Keeps the datasets that the experiment has under the same name and digest, adds the others.</summary>
    /// <returns>The uuid of each.</returns>
    private static async Task<Dictionary<(string Name, string Digest), string>> SaveDatasetsAsync(
        SqlScope scope, long experimentId, List<DatasetBody> datasets)
    {
        await scope.InsertAsync(
            "datasets",
            ["dataset_uuid", "experiment_id", "name", "digest", "dataset_source_type", "dataset_source", "dataset_schema", "dataset_profile"],
            [.. datasets.Select(d => new object?[] { NewId(), experimentId, d.Name, d.Digest, d.SourceType, d.Source, d.Schema, d.Profile })],
            scope.Dialect.OnConflictNothing("experiment_id, name, digest"));
        var ids = new Dictionary<(string Name, string Digest), string>();
        foreach (var names in datasets.Select(dataset => dataset.Name).Distinct().Chunk(IdChunks.Size))
        {
            var rows = await scope.QueryInChunksAsync<string, DatasetKeyRow>(
                "SELECT dataset_uuid, name, digest FROM datasets WHERE experiment_id = @experimentId AND name IN @names AND digest IN @digests",
                datasets.Where(dataset => names.Contains(dataset.Name)).Select(dataset => dataset.Digest).Distinct(),
                digests => new { experimentId, names, digests });
            foreach (var row in rows)
                ids[(row.Name, row.Digest)] = row.DatasetUuid;
        }

        return ids;
    }

    private static string NewId() => Guid.NewGuid().ToString("N");

    private sealed record DatasetKeyRow
    {
        public required string DatasetUuid { get; init; }

        public required string Name { get; init; }

        public required string Digest { get; init; }
    }
}
