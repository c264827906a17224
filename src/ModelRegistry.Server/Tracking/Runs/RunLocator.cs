using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>The narrow door through which other areas learn where a run lives.</summary>
internal sealed class RunLocator(TrackingDatabase database)
{
    /// <returns>null when there is no such run in the caller's workspace; deleted runs are found.</returns>
    public Task<RunLocation?> FindAsync(Workspace workspace, string runId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.FindAsync<RunLocation>(
                """
                SELECT r.run_uuid AS run_id, r.experiment_id, r.artifact_uri, r.lifecycle_stage
                FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id
                WHERE r.run_uuid = @runId AND e.workspace = @workspace
                """,
                new { runId, workspace = workspace.Name }),
            cancellationToken);

    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public async Task<RunLocation> GetAsync(Workspace workspace, string runId, CancellationToken cancellationToken) =>
        await FindAsync(workspace, runId, cancellationToken) ?? throw ApiException.NotFound($"Run with id={runId} not found");
}

/// <summary>Where a run's artifacts are and whether it is alive.</summary>
internal sealed record RunLocation
{
    public required string RunId { get; init; }

    public long ExperimentId { get; init; }

    /// <summary>URI such as <c>mlflow-artifacts:/1/abc/artifacts</c>.</summary>
    public string? ArtifactUri { get; init; }

    /// <summary><c>active</c> or <c>deleted</c>.</summary>
    public required string LifecycleStage { get; init; }
}
