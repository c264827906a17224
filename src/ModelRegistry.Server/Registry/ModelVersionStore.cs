using System.Data.Common;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Tracking;
using ModelRegistry.Server.Webhooks;

namespace ModelRegistry.Server.Registry;

/// <summary>Model versions. Deleting one keeps its row, so a number is never given twice.</summary>
internal sealed class ModelVersionStore(RegistryDatabase database, ModelCache cache, Outbox outbox, TimeProvider time, LoggedModelLocator loggedModels)
{
    private const string IsLive =
        "v.workspace = @workspace AND v.name = @name AND v.version = @version AND v.current_stage <> 'Deleted_Internal'";

    /// <summary>Gives the model its next version.</summary>
    public Task<ModelVersion> CreateAsync(Caller caller, NewModelVersion added, CancellationToken cancellationToken) =>
        cache.WriteAsync(
            caller,
            [added.Name],
            async scope =>
            {
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                var (number, subscribers) = await TakeNumberAsync(scope, caller.Workspace.Name, added.Name, now);
                var row = await InsertAsync(scope, caller.Workspace.Name, added, number, now);
                if (added.LoggedModel is { } model)
                    await loggedModels.AppendVersionAsync(scope, database, model, added.Name, row.Version, cancellationToken);
                var created = RegistryEvent.VersionCreated(
                    caller.Workspace.Name, added.Name, number, added.Source, added.GivenRunId, added.Description, added.Tags);
                await outbox.AppendAsync(scope, created, subscribers);
                return new ModelVersion(row, [.. RegistryTagRow.Of(added.Name, added.Tags)], []);
            },
            cancellationToken);

    /// <param name="version">As the client wrote it.</param>
    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public Task<ModelVersion> GetAsync(Workspace workspace, string name, string version, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return database.ReadAsync(scope => GetAsync(scope, workspace.Name, name, number, version), cancellationToken);
    }

    public Task<ModelVersion> UpdateAsync(
        Caller caller, string name, string version, string? description, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return cache.WriteAsync(
            caller,
            [name],
            async scope =>
            {
                await scope.ExecuteAsync(
                    """
                    UPDATE model_versions SET description = @description, last_updated_time = @now
                    WHERE workspace = @workspace AND name = @name AND version = @number AND current_stage <> 'Deleted_Internal'
                    """,
                    new { workspace = caller.Workspace.Name, name, number, description, now = time.GetUtcNow().ToUnixTimeMilliseconds() });
                return await GetAsync(scope, caller.Workspace.Name, name, number, version);
            },
            cancellationToken);
    }

    /// <summary>Moves a version to a stage and, when asked, all others out of it.</summary>
    public Task<ModelVersion> TransitionAsync(
        Caller caller, string name, string version, string stage, bool archiveOthers, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        var key = new { workspace = caller.Workspace.Name, name, number, stage, now = time.GetUtcNow().ToUnixTimeMilliseconds() };
        return cache.WriteAsync(
            caller,
            [name],
            async scope =>
            {
                await RegisteredModelStore.TryTouchAsync(scope, caller.Workspace.Name, name, key.now);
                if (archiveOthers)
                {
                    await scope.ExecuteAsync(
                        """
                        UPDATE model_versions SET current_stage = 'Archived', last_updated_time = @now
                        WHERE workspace = @workspace AND name = @name AND current_stage = @stage AND version <> @number
                        """,
                        key);
                }

                await scope.ExecuteAsync(
                    """
                    UPDATE model_versions SET current_stage = @stage, last_updated_time = @now
                    WHERE workspace = @workspace AND name = @name AND version = @number AND current_stage <> 'Deleted_Internal'
                    """,
                    key);
                return await GetAsync(scope, caller.Workspace.Name, name, number, version);
            },
            cancellationToken);
    }

    /// <summary>Hides a version, blanks what it said, and drops the aliases that point to it.</summary>
    public Task DeleteAsync(Caller caller, string name, string version, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        var key = new { workspace = caller.Workspace.Name, name, number, now = time.GetUtcNow().ToUnixTimeMilliseconds() };
        return cache.WriteAsync(
            caller,
            name,
            async scope =>
            {
                await RegisteredModelStore.TryTouchAsync(scope, caller.Workspace.Name, name, key.now);
                var found = await scope.ExecuteAsync(
                    """
                    UPDATE model_versions
                    SET current_stage = 'Deleted_Internal', last_updated_time = @now,
                        description = NULL, user_id = NULL, status_message = NULL,
                        source = 'REDACTED-SOURCE-PATH', run_id = 'REDACTED-RUN-ID', run_link = 'REDACTED-RUN-LINK'
                    WHERE workspace = @workspace AND name = @name AND version = @number AND current_stage <> 'Deleted_Internal'
                    """,
                    key);
                if (found == 0)
                    throw ModelRules.VersionNotFound(name, version);
                await scope.ExecuteAsync(
                    "DELETE FROM registered_model_aliases WHERE workspace = @workspace AND name = @name AND version = @number", key);
            },
            cancellationToken);
    }

    /// <summary>Makes sure that a version is there and stays there until the transaction ends, by locking its model.</summary>
    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public static async Task LockAsync(SqlScope scope, string workspace, string name, long number, string version)
    {
        await RegisteredModelStore.TryLockAsync(scope, workspace, name);
        _ = await scope.FindAsync<long?>($"SELECT v.version FROM model_versions v WHERE {IsLive}", new { workspace, name, version = number })
            ?? throw ModelRules.VersionNotFound(name, version);
    }

    private static async Task<ModelVersion> GetAsync(SqlScope scope, string workspace, string name, long number, string version) =>
        await scope.FindByNumberAsync(workspace, name, number) ?? throw ModelRules.VersionNotFound(name, version);

    /// <summary>The next number of a model, and the webhooks that want to hear of it.</summary>
    /// <remarks>The model's row is locked first, so that concurrent creations queue here and the highest number cannot go stale.</remarks>
    private static async Task<(long Number, List<WebhookEventRow> Subscribers)> TakeNumberAsync(SqlScope scope, string workspace, string name, long now)
    {
        const string Highest =
            """
            SELECT (SELECT MAX(version) FROM model_versions WHERE workspace = @workspace AND name = @name) AS highest
            FROM registered_models WHERE workspace = @workspace AND name = @name
            """;
        var (asModel, asPrompt) = (RegistryEvent.ModelVersionCreated, RegistryEvent.PromptVersionCreated);
        await using var results = scope.ExecuteThenQueryBatch(
            RegisteredModelStore.Touch,
            new { workspace, name, now, model = asModel.Entity, prompt = asPrompt.Entity, action = asModel.Action },
            [Highest, Outbox.Subscribers]);
        var number = await results.ReadAsync<long?>() is [var highest] ? (highest ?? 0) + 1 : throw ModelRules.ModelNotFound(name);
        return (number, await results.ReadAsync<WebhookEventRow>());
    }

    private static async Task<ModelVersionRow> InsertAsync(SqlScope scope, string workspace, NewModelVersion added, long number, long now)
    {
        var row = new ModelVersionRow
        {
            Name = added.Name,
            Version = number,
            CreationTime = now,
            LastUpdatedTime = now,
            Description = added.Description,
            CurrentStage = Stages.None,
            Source = added.Source,
            RunId = added.RunId,
            Status = "READY",
            RunLink = added.RunLink,
        };
        var version = new Insertion(
            "model_versions",
            [
                "workspace", "name", "version", "creation_time", "last_updated_time", "description", "current_stage", "source", "run_id", "status",
                "run_link", "storage_location",
            ],
            [[
                workspace, row.Name, row.Version, now, now, row.Description, row.CurrentStage, row.Source, row.RunId, row.Status,
                row.RunLink, added.StorageLocation,
            ]]);
        var tags = new Insertion(
            "model_version_tags",
            ["workspace", "name", "version", "\"key\"", "value"],
            [.. added.Tags.Select(tag => new object?[] { workspace, added.Name, number, tag.Key, tag.Value })]);
        try
        {
            await scope.InsertAsync(version, tags);
            return row;
        }
        catch (DbException e) when (scope.Dialect.IsUniqueViolation(e))
        {
            // The lock is that of one node: on a cluster another one has given the number meanwhile.
            throw new WriteConflictException(e);
        }
    }
}

/// <summary>What a version to be created is made of.</summary>
/// <param name="Source">As the client sent it.</param>
/// <param name="StorageLocation">Where the files are: <paramref name="Source"/> with <c>models:/</c> resolved.</param>
/// <param name="RunId">The run it comes from, found by the logged model when the client named none.</param>
/// <param name="GivenRunId">The run as the client sent it.</param>
/// <param name="LoggedModel">The logged model that is to know of the version; null for none.</param>
internal sealed record NewModelVersion(
    string Name,
    string Source,
    string StorageLocation,
    string RunId,
    string? GivenRunId,
    string RunLink,
    string Description,
    Dictionary<string, string> Tags,
    LoggedModelLocation? LoggedModel);
