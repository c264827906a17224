using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Tracking;

/// <summary>Reads inputs and outputs of many runs at once.</summary>
internal static class InputQueries
{
    public const int MaxIdsPerStatement = 500;

    public static async Task<Dictionary<string, RunInputs>> LoadAsync(SqlScope scope, IReadOnlyCollection<string> runIds)
    {
        var found = runIds.Distinct().ToDictionary(id => id, _ => new RunInputs());
        foreach (var ids in found.Keys.Chunk(MaxIdsPerStatement))
        {
            await LoadDatasetsAsync(scope, ids, found);
            await LoadModelsAsync(scope, ids, found);
        }

        return found;
    }

    private static async Task LoadDatasetsAsync(SqlScope scope, string[] ids, Dictionary<string, RunInputs> found)
    {
        var tags = await LoadTagsAsync(scope, ids);
        var rows = await scope.QueryAsync<DatasetInputRow>(
            """
            SELECT i.input_uuid, i.destination_id AS run_id, d.name, d.digest, d.dataset_source_type, d.dataset_source, d.dataset_schema, d.dataset_profile
            FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
            WHERE i.destination_type = 'RUN' AND i.destination_id IN @ids AND i.source_type = 'DATASET'
            """,
            new { ids });
        foreach (var row in rows)
            found[row.RunId].DatasetInputs.Add(new DatasetInputBody([.. tags[row.InputUuid]], row.ToBody()));
    }

    private static async Task<ILookup<string, InputTagBody>> LoadTagsAsync(SqlScope scope, string[] ids)
    {
        var rows = await scope.QueryAsync<InputTagRow>(
            """
            SELECT t.input_uuid, t.name, t.value
            FROM inputs i JOIN input_tags t ON t.input_uuid = i.input_uuid
            WHERE i.destination_type = 'RUN' AND i.destination_id IN @ids AND i.source_type = 'DATASET'
            """,
            new { ids });
        return rows.ToLookup(row => row.InputUuid, row => new InputTagBody(row.Name, row.Value));
    }

    private static async Task LoadModelsAsync(SqlScope scope, string[] ids, Dictionary<string, RunInputs> found)
    {
        var rows = await scope.QueryAsync<ModelEdgeRow>(
            """
            SELECT source_type, source_id AS run_id, destination_id AS model_id, step
            FROM inputs
            WHERE source_id IN @ids
              AND ((source_type = 'RUN_INPUT' AND destination_type = 'MODEL_INPUT') OR (source_type = 'RUN_OUTPUT' AND destination_type = 'MODEL_OUTPUT'))
            """,
            new { ids });
        foreach (var row in rows)
        {
            if (row.SourceType == "RUN_INPUT")
                found[row.RunId].ModelInputs.Add(new ModelInputBody(row.ModelId));
            else
                found[row.RunId].ModelOutputs.Add(new ModelOutputBody(row.ModelId, row.Step));
        }
    }

    private sealed record DatasetInputRow
    {
        public required string InputUuid { get; init; }

        public required string RunId { get; init; }

        public required string Name { get; init; }

        public required string Digest { get; init; }

        public required string DatasetSourceType { get; init; }

        public required string DatasetSource { get; init; }

        public string? DatasetSchema { get; init; }

        public string? DatasetProfile { get; init; }

        public DatasetBody ToBody() => new(Name, Digest, DatasetSourceType, DatasetSource, DatasetSchema, DatasetProfile);
    }

    private sealed record InputTagRow
    {
        public required string InputUuid { get; init; }

        public required string Name { get; init; }

        public required string Value { get; init; }
    }

    private sealed record ModelEdgeRow
    {
        public required string SourceType { get; init; }

        public required string RunId { get; init; }

        public required string ModelId { get; init; }

        public long Step { get; init; }
    }
}
