using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>Rows of <c>runs</c>.</summary>
internal sealed class RunStore(TrackingDatabase database, TrackingWriter writer, TimeProvider time)
{
    internal const string Columns =
        "r.run_uuid, r.experiment_id, r.name, r.user_id, r.status, r.start_time, r.end_time, r.artifact_uri, r.lifecycle_stage";

    /// <summary>Inserts a run with its tags.</summary>
    public Task<RunRow> CreateAsync(Caller caller, NewRun run, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.RunCreated(run),
            async write =>
            {
                var scope = write.Scope;
                var experiment = await ExperimentStore.FindAsync(scope, caller.Workspace, run.ExperimentId) ?? throw ExperimentRules.NotFound(run.ExperimentId);
                ExperimentRules.CheckActive(experiment);
                var row = run.ToRow(experiment);
                write.Change = TrackingChange.RunCreated(run, row.RunUuid);
                var added = new Insertion(
                    "runs",
                    [
                        "run_uuid", "name", "source_type", "source_name", "entry_point_name", "user_id", "status", "start_time", "source_version",
                        "lifecycle_stage", "artifact_uri", "experiment_id",
                    ],
                    [[
                        row.RunUuid, row.Name, "UNKNOWN", "", "", row.UserId, row.Status, row.StartTime, "",
                        row.LifecycleStage, row.ArtifactUri, row.ExperimentId,
                    ]]);
                var tags = new Insertion(
                    "tags", ["\"key\"", "value", "run_uuid"], [.. run.Tags.Select(tag => new object?[] { tag.Key, tag.Value, row.RunUuid })]);

                // Not with the records at the end: a tag that is given twice is the client's mistake, not a conflict.
                await scope.InsertAsync(added, tags);
                return row;
            },
            cancellationToken);

    /// <summary>The run, deleted or not, with everything that is known about it.</summary>
    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public Task<RunBody> GetAsync(Workspace workspace, string runId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope =>
            {
                var row = await GetRowAsync(scope, workspace, runId);
                var bodies = await RunDetails.AttachAsync(scope, [row], RunDetail.Single);
                return bodies[0];
            },
            cancellationToken);

    /// <summary>Changes what is given; null means "as it is".</summary>
    public Task<RunRow> UpdateAsync(
        Caller caller, string runId, RunStatus? status, long? endTime, string? name, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.RunUpdated(runId, status?.Stored(), name),
            async write =>
            {
                var scope = write.Scope;
                await ActiveRun.GetAsync(scope, caller.Workspace, runId);
                await scope.ExecuteAsync(
                    """
                    UPDATE runs SET status = COALESCE(@status, status), end_time = COALESCE(@endTime, end_time)
                    WHERE run_uuid = @runId
                    """,
                    new { runId, status = status?.Stored(), endTime });
                if (!string.IsNullOrEmpty(name))
                    await RunTagStore.SetAsync(scope, runId, [new RunTagRow { Key = RunTagStore.RunName, Value = name }]);
                return await GetRowAsync(scope, caller.Workspace, runId);
            },
            cancellationToken);

    /// <summary>Marks a run as deleted, also when it is already.</summary>
    public Task DeleteAsync(Caller caller, string runId, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.RunDeleted(runId),
            async write =>
            {
                var scope = write.Scope;
                await ActiveRun.GetAnyAsync(scope, caller.Workspace, runId);
                await RunAssessments.DeleteOfRunAsync(scope, runId);
                await scope.ExecuteAsync(
                    "UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = @now WHERE run_uuid = @runId",
                    new { runId, now = time.GetUtcNow().ToUnixTimeMilliseconds() });
            },
            cancellationToken);

    public Task RestoreAsync(Caller caller, string runId, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.RunRestored(runId),
            async write =>
            {
                var scope = write.Scope;
                await ActiveRun.GetAnyAsync(scope, caller.Workspace, runId);
                await PurgeClaims.RequireNoneAsync(scope, PurgeClaims.Run, runId, "Run");
                await scope.ExecuteAsync(
                    "UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE run_uuid = @runId", new { runId });
            },
            cancellationToken);

    private static async Task<RunRow> GetRowAsync(SqlScope scope, Workspace workspace, string runId) =>
        await scope.FindAsync<RunRow>(
            $"""
            SELECT {Columns}
            FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id
            WHERE r.run_uuid = @runId AND e.workspace = @workspace
            """,
            new { runId, workspace = workspace.Name })
        ?? throw ApiException.NotFound($"Run with id={runId} not found");
}

internal sealed record RunRow
{
    public required string RunUuid { get; init; }

    public long ExperimentId { get; init; }

    public string? Name { get; init; }

    public string? UserId { get; init; }

    public string? Status { get; init; }

    public long? StartTime { get; init; }

    public long? EndTime { get; init; }

    public string? ArtifactUri { get; init; }

    public string? LifecycleStage { get; init; }
}

/// <summary>A run about to be made.</summary>
internal sealed record NewRun(long ExperimentId, string Name, string UserId, long StartTime, IReadOnlyList<RunTagRow> Tags)
{
    public RunRow ToRow(ExperimentRow experiment)
    {
        // Lower case on purpose: the list comparisons of the search grammar drop ids with capitals.
        var id = Guid.NewGuid().ToString("N");
        return new RunRow
        {
            RunUuid = id,
            ExperimentId = experiment.ExperimentId,
            Name = Name,
            UserId = UserId,
            Status = RunStatus.Running.Stored(),
            StartTime = StartTime,
            ArtifactUri = ArtifactLocation.Append(experiment.ArtifactLocation ?? "", id, "artifacts"),
            LifecycleStage = Lifecycle.Active,
        };
    }
}
