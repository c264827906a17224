using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>
/// The check in front of every write to a run, in the transaction of the write. Where the database locks rows, the run's is locked first, so
/// writes to one run happen one after the other: they cannot deadlock, and what they read is still true when they write.
/// </summary>
internal static class ActiveRun
{
    /// <exception cref="ApiException">There is no such run in the caller's workspace, or it is deleted.</exception>
    public static async Task<RunLocation> GetAsync(SqlScope scope, Workspace workspace, string runId)
    {
        var run = await GetAnyAsync(scope, workspace, runId);
        return run.LifecycleStage == Lifecycle.Active
            ? run
            : throw ApiException.Invalid(
                $"The run {runId} must be in the 'active' state. Current state is {run.LifecycleStage}.");
    }

    /// <summary>The row that is locked, as <see cref="Database.WriteAsync{T}"/> wants to know it.</summary>
    public static string Row(string runId) => $"run/{runId}";

    /// <summary>The run, deleted or not.</summary>
    /// <exception cref="ApiException">There is no such run in the caller's workspace.</exception>
    public static async Task<RunLocation> GetAnyAsync(SqlScope scope, Workspace workspace, string runId) =>
        // The experiment is in a query of its own: in a join, its row would be locked as well, and with it all of its runs.
        await scope.FindAsync<RunLocation>(
            $"""
            SELECT r.run_uuid AS run_id, r.experiment_id, r.artifact_uri, r.lifecycle_stage
            FROM runs r
            WHERE r.run_uuid = @runId AND @workspace = (SELECT e.workspace FROM experiments e WHERE e.experiment_id = r.experiment_id)
            {scope.Dialect.ForUpdate}
            """,
            new { runId, workspace = workspace.Name })
        ?? throw ApiException.NotFound($"Run with id={runId} not found");
}
