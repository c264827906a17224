using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Tracking.Inputs;

/// <summary>Reads inputs and outputs of many runs at once.</summary>
internal static class InputQueries
{
    /// <summary>What <see cref="ReadAsync"/> reads the results of; <c>@ids</c> are the runs.</summary>
    public static readonly string[] Statements =
    [
        """
        SELECT t.input_uuid, t.name, t.value
        FROM inputs i JOIN input_tags t ON t.input_uuid = i.input_uuid
        WHERE i.destination_type = 'RUN' AND i.destination_id IN @ids AND i.source_type = 'DATASET'
        """,
        """
        SELECT i.input_uuid, i.destination_id AS run_id, d.name, d.digest, d.dataset_source_type, d.dataset_source, d.dataset_schema, d.dataset_profile
        FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
        WHERE i.destination_type = 'RUN' AND i.destination_id IN @ids AND i.source_type = 'DATASET'
        """,
        """
        SELECT source_type, source_id AS run_id, destination_id AS model_id, step
        FROM inputs
        WHERE source_id IN @ids
          AND ((source_type = 'RUN_INPUT' AND destination_type = 'MODEL_INPUT') OR (source_type = 'RUN_OUTPUT' AND destination_type = 'MODEL_OUTPUT'))
        """,
    ];

    /// <summary>Adds what there is to the runs.</summary>
    public static async Task ReadAsync(QueryResults results, Dictionary<string, RunInputs> runs)
    {
        var tags = (await results.ReadAsync<InputTagRow>()).ToLookup(row => row.InputUuid, row => new InputTagBody(row.Name, row.Value));
        foreach (var row in await results.ReadAsync<DatasetInputRow>())
            runs[row.RunId].DatasetInputs.Add(new DatasetInputBody([.. tags[row.InputUuid]], row.ToBody()));
        foreach (var row in await results.ReadAsync<ModelEdgeRow>())
        {
            if (row.SourceType == "RUN_INPUT")
                runs[row.RunId].ModelInputs.Add(new ModelInputBody(row.ModelId));
            else
                runs[row.RunId].ModelOutputs.Add(new ModelOutputBody(row.ModelId, row.Step));
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
