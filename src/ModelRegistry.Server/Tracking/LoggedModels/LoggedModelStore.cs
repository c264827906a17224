using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Tracking.LoggedModels;

/// <summary>Rows of <c>logged_models</c>.</summary>
internal sealed class LoggedModelStore(TrackingDatabase database, TrackingWriter writer, TimeProvider time)
{
    internal const string Columns =
        """
        m.model_id, m.experiment_id, m.name, m.artifact_location, m.creation_timestamp_ms, m.last_updated_timestamp_ms, m.status,
        m.lifecycle_stage, m.model_type, m.source_run_id
        """;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Adds a pending model with its parameters and tags. Whether the source run exists is not looked at.</summary>
    public Task<LoggedModelBody> CreateAsync(Caller caller, NewLoggedModel model, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.LoggedModelCreated(model),
            async write =>
            {
                var scope = write.Scope;
                var experiment = await ExperimentStore.FindAsync(scope, caller.Workspace, model.ExperimentId) ?? throw ExperimentRules.NotFound(model.ExperimentId);
                ExperimentRules.CheckActive(experiment);
                var row = model.ToRow(experiment, Now);
                write.Change = TrackingChange.LoggedModelCreated(model, row.ModelId);
                await scope.ExecuteAsync(
                    """
                    INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms,
                                               status, lifecycle_stage, model_type, source_run_id)
                    VALUES (@ModelId, @ExperimentId, @Name, @ArtifactLocation, @CreationTimestampMs, @LastUpdatedTimestampMs,
                            @Status, @LifecycleStage, @ModelType, @SourceRunId)
                    """,
                    row);
                await LoggedModelPairStore.InsertParamsAsync(scope, row, model.Params);
                await LoggedModelPairStore.InsertTagsAsync(scope, row, model.Tags);
                return (await LoggedModelDetails.AttachAsync(scope, [row]))[0];
            },
            cancellationToken);

    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public Task<LoggedModelBody> GetAsync(Workspace workspace, string modelId, bool allowDeleted, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope =>
            {
                var row = await GetRowAsync(scope, workspace, modelId);
                if (row.LifecycleStage == Lifecycle.Deleted && !allowDeleted)
                    throw NotFound(modelId);
                return (await LoggedModelDetails.AttachAsync(scope, [row]))[0];
            },
            cancellationToken);

    /// <summary>Any status may follow any other.</summary>
    public Task<LoggedModelBody> SetStatusAsync(
        Caller caller, string modelId, LoggedModelStatus status, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.LoggedModelStatusSet(modelId, status),
            async write =>
            {
                var scope = write.Scope;
                await GetRowAsync(scope, caller.Workspace, modelId);
                await scope.ExecuteAsync(
                    "UPDATE logged_models SET status = @status, last_updated_timestamp_ms = @now WHERE model_id = @modelId",
                    new { modelId, status = (long)status, now = Now });
                return (await LoggedModelDetails.AttachAsync(scope, [await GetRowAsync(scope, caller.Workspace, modelId)]))[0];
            },
            cancellationToken);

    /// <summary>Marks a model as deleted, also when it is already.</summary>
    public Task DeleteAsync(Caller caller, string modelId, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            TrackingChange.LoggedModelDeleted(modelId),
            async write =>
            {
                var scope = write.Scope;
                await GetRowAsync(scope, caller.Workspace, modelId);
                await scope.ExecuteAsync(
                    "UPDATE logged_models SET lifecycle_stage = 'deleted', last_updated_timestamp_ms = @now WHERE model_id = @modelId",
                    new { modelId, now = Now });
            },
            cancellationToken);

    /// <summary>The model, deleted or not.</summary>
    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    internal static async Task<LoggedModelRow> GetRowAsync(SqlScope scope, Workspace workspace, string modelId) =>
        await scope.FindAsync<LoggedModelRow>(
            $"""
            SELECT {Columns}
            FROM logged_models m JOIN experiments e ON e.experiment_id = m.experiment_id
            WHERE m.model_id = @modelId AND e.workspace = @workspace
            """,
            new { modelId, workspace = workspace.Name })
        ?? throw NotFound(modelId);

    private static ApiException NotFound(string modelId) => ApiException.NotFound($"Logged model with ID '{modelId}' not found.");
}

internal sealed record LoggedModelRow
{
    public required string ModelId { get; init; }

    public long ExperimentId { get; init; }

    public required string Name { get; init; }

    public required string ArtifactLocation { get; init; }

    public long CreationTimestampMs { get; init; }

    public long LastUpdatedTimestampMs { get; init; }

    public long Status { get; init; }

    public string? LifecycleStage { get; init; }

    public string? ModelType { get; init; }

    public string? SourceRunId { get; init; }
}

/// <summary>A logged model about to be made.</summary>
internal sealed record NewLoggedModel(
    long ExperimentId, string Name, string ModelType, string SourceRunId, List<LoggedModelPairBody> Params, List<LoggedModelPairBody> Tags)
{
    public LoggedModelRow ToRow(ExperimentRow experiment, long now)
    {
        var id = $"m-{Guid.NewGuid():N}";
        return new LoggedModelRow
        {
            ModelId = id,
            ExperimentId = experiment.ExperimentId,
            Name = Name,
            ArtifactLocation = ArtifactLocation.Append(experiment.ArtifactLocation ?? "", "models", id, "artifacts"),
            CreationTimestampMs = now,
            LastUpdatedTimestampMs = now,
            Status = (long)LoggedModelStatus.LoggedModelPending,
            LifecycleStage = Lifecycle.Active,
            ModelType = ModelType,
            SourceRunId = SourceRunId,
        };
    }
}
