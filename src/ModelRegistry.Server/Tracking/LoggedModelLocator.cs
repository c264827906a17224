using ModelRegistry.Server.Data;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Tracking;

/// <summary>The narrow door through which other areas learn where a logged model lives.</summary>
internal sealed class LoggedModelLocator(Database database)
{
    /// <returns>null when there is no such model, or it is deleted.</returns>
    public Task<LoggedModelLocation?> FindAsync(RequestContext context, string modelId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.FindAsync<LoggedModelLocation>(
                """
                SELECT m.model_id, m.experiment_id, m.artifact_location, m.source_run_id
                FROM logged_models m JOIN experiments e ON e.experiment_id = m.experiment_id
                WHERE m.model_id = @modelId AND m.lifecycle_stage = 'active' AND e.workspace = @workspace
                """,
                new { modelId, workspace = context.Workspace }),
            cancellationToken);

    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public async Task<LoggedModelLocation> GetAsync(RequestContext context, string modelId, CancellationToken cancellationToken) =>
        await FindAsync(context, modelId, cancellationToken) ?? throw ApiException.NotFound($"Logged model with ID '{modelId}' not found.");
}

/// <summary>Where a logged model's artifacts are and which run made it.</summary>
internal sealed record LoggedModelLocation
{
    public required string ModelId { get; init; }

    public long ExperimentId { get; init; }

    /// <summary>URI such as <c>mlflow-artifacts:/1/models/m-abc/artifacts</c>.</summary>
    public required string ArtifactLocation { get; init; }

    public string? SourceRunId { get; init; }
}
