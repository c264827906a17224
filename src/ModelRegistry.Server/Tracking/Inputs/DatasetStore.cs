using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Tracking.Inputs;

/// <summary>Reads rows of <c>datasets</c>; the inputs of runs write them.</summary>
internal sealed class DatasetStore(TrackingDatabase database)
{
    private const int MaxSummaries = 1000;

    /// <summary>Every dataset with each context it was used in.</summary>
    public Task<List<DatasetSummaryRow>> ListAsync(
        Workspace workspace, IReadOnlyCollection<long> experimentIds, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.QueryAsync<DatasetSummaryRow>(
                $"""
                SELECT DISTINCT d.experiment_id, d.name, d.digest, t.value AS context
                FROM datasets d
                JOIN experiments e ON e.experiment_id = d.experiment_id
                JOIN inputs i ON i.source_type = 'DATASET' AND i.source_id = d.dataset_uuid
                LEFT JOIN input_tags t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'
                WHERE d.experiment_id IN @experimentIds AND e.workspace = @workspace
                ORDER BY d.experiment_id, d.name, d.digest, t.value
                LIMIT {MaxSummaries}
                """,
                new { experimentIds, workspace = workspace.Name }),
            cancellationToken);
}

internal sealed record DatasetSummaryRow
{
    public long ExperimentId { get; init; }

    public required string Name { get; init; }

    public required string Digest { get; init; }

    public string? Context { get; init; }
}
