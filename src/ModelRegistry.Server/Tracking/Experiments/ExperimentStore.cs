using System.Data.Common;
using System.Globalization;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Tracking.Experiments;

/// <summary>Rows of <c>experiments</c>.</summary>
internal sealed class ExperimentStore(TrackingDatabase database, TrackingWriter writer, ServerOptions options, TimeProvider time)
{
    internal const string Columns = "experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time";

    private readonly string artifactRoot = ArtifactLocation.Resolve(options.EffectiveArtifactRoot);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc cref="DefaultExperiment.EnsureAsync"/>
    public async Task EnsureDefaultAsync(CancellationToken cancellationToken)
    {
        var location = await database.ReadAsync(
            scope => DefaultLocationAsync(scope, Workspace.DefaultName, DefaultExperiment.Id), cancellationToken);
        await DefaultExperiment.EnsureAsync(writer, location, Now, cancellationToken);
    }

    public Task<long> CreateAsync(
        Caller caller, string name, string? location, IReadOnlyCollection<KeyValuePair<string, string>> tags, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.ExperimentCreated(name, tags),
            async write =>
            {
                var scope = write.Scope;
                if (location is not null && options.EnableWorkspaces)
                    throw ApiException.Invalid("artifact_location cannot be specified when workspaces are enabled");
                try
                {
                    var id = await InsertAsync(scope, caller.Workspace, name, location);
                    write.Change = TrackingChange.ExperimentCreated(name, tags, id);
                    await scope.InsertAsync(
                        "experiment_tags", ["\"key\"", "value", "experiment_id"], [.. tags.Select(tag => new object?[] { tag.Key, tag.Value, id })]);
                    return id;
                }
                catch (DbException e) when (scope.Dialect.IsUniqueViolation(e))
                {
                    throw ApiException.AlreadyExists($"Experiment(name={name}) already exists.");
                }
            },
            cancellationToken);

    /// <summary>The experiment, deleted or not, with its tags.</summary>
    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public Task<Experiment> GetAsync(Workspace workspace, long id, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope => await WithTagsAsync(scope, await FindAsync(scope, workspace, id)) ?? throw ExperimentRules.NotFound(id),
            cancellationToken);

    /// <inheritdoc cref="GetAsync"/>
    public Task<Experiment> GetByNameAsync(Workspace workspace, string name, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope =>
            {
                var row = await scope.FindAsync<ExperimentRow>(
                    $"""
                    SELECT {Columns} FROM experiments
                    WHERE workspace = @workspace AND {scope.Dialect.TextEquals("name", "@name")}
                    """,
                    new { workspace = workspace.Name, name });
                return await WithTagsAsync(scope, row) ?? throw ApiException.NotFound($"Could not find experiment with name '{name}'");
            },
            cancellationToken);

    public Task RenameAsync(Caller caller, long id, string name, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.ExperimentRenamed(id, name),
            async write =>
            {
                var scope = write.Scope;
                var row = await FindAsync(scope, caller.Workspace, id) ?? throw ExperimentRules.NotFound(id);
                if (row.LifecycleStage != Lifecycle.Active)
                    throw new ApiException(ErrorCode.InvalidState, "Cannot rename a non-active experiment.");
                await scope.ExecuteAsync(
                    "UPDATE experiments SET name = @name, last_update_time = @now WHERE experiment_id = @id", new { id, name, now = Now });
            },
            cancellationToken);

    /// <summary>Marks an active experiment and all of its runs as deleted.</summary>
    public Task DeleteAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.ExperimentDeleted(id),
            async write =>
            {
                var scope = write.Scope;
                var now = Now;
                await SwitchStageAsync(scope, caller.Workspace, id, Lifecycle.Active, Lifecycle.Deleted);
                await RunAssessments.DeleteOfExperimentAsync(scope, id);
                await scope.ExecuteAsync(
                    "UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = @now WHERE experiment_id = @id", new { id, now });
            },
            cancellationToken);

    /// <summary>Brings back a deleted experiment and all of its runs, also those that were deleted one by one: MLflow does.</summary>
    public Task RestoreAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.ExperimentRestored(id),
            async write =>
            {
                var scope = write.Scope;
                await SwitchStageAsync(scope, caller.Workspace, id, Lifecycle.Deleted, Lifecycle.Active);
                await PurgeClaims.RequireNoneAsync(scope, PurgeClaims.Experiment, id.ToString(CultureInfo.InvariantCulture), "Experiment");

                // The runs are locked first: claims that are being made of them can then be seen.
                await scope.FindAsync<long>($"SELECT COUNT(*) FROM runs WHERE experiment_id = @id {scope.Dialect.ForUpdate}", new { id });
                await scope.ExecuteAsync(
                    $"UPDATE runs AS r SET lifecycle_stage = 'active', deleted_time = NULL WHERE experiment_id = @id AND {PurgeClaims.IsUnclaimedRun}",
                    new { id });
            },
            cancellationToken);

    /// <summary>null when there is no such experiment in the caller's workspace.</summary>
    internal static Task<ExperimentRow?> FindAsync(SqlScope scope, Workspace workspace, long id) =>
        scope.FindAsync<ExperimentRow>(
            $"SELECT {Columns} FROM experiments WHERE experiment_id = @id AND workspace = @workspace",
            new { id, workspace = workspace.Name });

    private async Task<long> InsertAsync(SqlScope scope, Workspace workspace, string name, string? location)
    {
        await scope.ExecuteAsync(
            """
            INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace)
            VALUES (@name, @location, 'active', @now, @now, @workspace)
            """,
            new { name, location = location ?? "", now = Now, workspace = workspace.Name });
        var id = await scope.FindAsync<long>($"SELECT {scope.Dialect.LastInsertId}");
        if (location is null)
        {
            location = await DefaultLocationAsync(scope, workspace.Name, id);
            await scope.ExecuteAsync("UPDATE experiments SET artifact_location = @location WHERE experiment_id = @id", new { id, location });
        }

        return id;
    }

    /// <summary>The place for the artifacts of an experiment that was not given one.</summary>
    private async Task<string> DefaultLocationAsync(SqlScope scope, string workspace, long id)
    {
        var folder = id.ToString(CultureInfo.InvariantCulture);
        if (!options.EnableWorkspaces)
            return ArtifactLocation.Append(artifactRoot, folder);
        var own = await scope.FindAsync<string>("SELECT default_artifact_root FROM workspaces WHERE name = @workspace", new { workspace });
        return string.IsNullOrEmpty(own)
            ? ArtifactLocation.Append(artifactRoot, "workspaces", workspace, folder)
            : ArtifactLocation.Append(own, folder);
    }

    private async Task SwitchStageAsync(SqlScope scope, Workspace workspace, long id, string from, string to)
    {
        var touched = await scope.ExecuteAsync(
            """
            UPDATE experiments SET lifecycle_stage = @to, last_update_time = @now
            WHERE experiment_id = @id AND workspace = @workspace AND lifecycle_stage = @from
            """,
            new { id, workspace = workspace.Name, from, to, now = Now });
        if (touched == 0)
            throw ExperimentRules.NotFound(id);
    }

    private static async Task<Experiment?> WithTagsAsync(SqlScope scope, ExperimentRow? row) =>
        row is null ? null : (await ExperimentTagStore.AttachAsync(scope, [row]))[0];
}

internal sealed record ExperimentRow
{
    public long ExperimentId { get; init; }

    public required string Name { get; init; }

    public string? ArtifactLocation { get; init; }

    public required string LifecycleStage { get; init; }

    public long? CreationTime { get; init; }

    public long? LastUpdateTime { get; init; }
}
