using System.Globalization;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking.LoggedModels;

namespace ModelRegistry.Server.Registry;

/// <summary>Model versions. Deleting one keeps its row, so a number is never given twice.</summary>
internal sealed class ModelVersionStore(RegistryDatabase database, RegistryWriter writer, LoggedModelLocator loggedModels)
{
    /// <summary>Gives the model its next version.</summary>
    public Task<ModelVersion> CreateAsync(Caller caller, NewModelVersion added, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            RegistryChange.VersionCreated(added),
            async write =>
            {
                // The model is locked, so concurrent creations queue and the highest number cannot go stale.
                var highest = RegistryChange.Find(write.Before, "highest");
                var number = highest is null ? 1 : long.Parse(highest, CultureInfo.InvariantCulture) + 1;
                write.Change = RegistryChange.VersionCreated(added, number);
                var row = Insert(write, added, number);
                if (added.LoggedModel is { } model)
                    await loggedModels.AppendVersionAsync(write.Scope, database, model, added.Name, row.Version, cancellationToken);
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
        return writer.WriteAsync(
            caller,
            RegistryChange.VersionUpdated(name, number, version, description),
            async write =>
            {
                await write.Scope.ExecuteAsync(
                    """
                    UPDATE model_versions SET description = @description, last_updated_time = @now
                    WHERE workspace = @workspace AND name = @name AND version = @number
                    """,
                    new { workspace = write.Workspace, name, number, description, now = write.Now });
                return await GetAsync(write.Scope, write.Workspace, name, number, version);
            },
            cancellationToken);
    }

    /// <summary>Moves a version to a stage and, when asked, all others out of it.</summary>
    public Task<ModelVersion> TransitionAsync(
        Caller caller, string name, string version, string stage, bool archiveOthers, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return writer.WriteAsync(
            caller,
            RegistryChange.StageChanged(name, number, version, stage, archiveOthers),
            async write =>
            {
                var key = new { workspace = write.Workspace, name, number, stage, now = write.Now };
                if (archiveOthers)
                {
                    await write.Scope.ExecuteAsync(
                        """
                        UPDATE model_versions SET current_stage = 'Archived', last_updated_time = @now
                        WHERE workspace = @workspace AND name = @name AND current_stage = @stage AND version <> @number
                        """,
                        key);
                }

                await write.Scope.ExecuteAsync(
                    """
                    UPDATE model_versions SET current_stage = @stage, last_updated_time = @now
                    WHERE workspace = @workspace AND name = @name AND version = @number
                    """,
                    key);
                return await GetAsync(write.Scope, write.Workspace, name, number, version);
            },
            cancellationToken);
    }

    /// <summary>Hides a version, blanks what it said, and drops the aliases that point to it.</summary>
    public Task DeleteAsync(Caller caller, string name, string version, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return writer.WriteAsync(
            caller,
            RegistryChange.VersionDeleted(name, number, version),
            async write =>
            {
                var key = new { workspace = write.Workspace, name, number, now = write.Now };
                await write.Scope.ExecuteAsync(
                    """
                    UPDATE model_versions
                    SET current_stage = 'Deleted_Internal', last_updated_time = @now,
                        description = NULL, user_id = NULL, status_message = NULL,
                        source = 'REDACTED-SOURCE-PATH', run_id = 'REDACTED-RUN-ID', run_link = 'REDACTED-RUN-LINK'
                    WHERE workspace = @workspace AND name = @name AND version = @number
                    """,
                    key);
                await write.Scope.ExecuteAsync(
                    "DELETE FROM registered_model_aliases WHERE workspace = @workspace AND name = @name AND version = @number", key);
            },
            cancellationToken);
    }

    private static async Task<ModelVersion> GetAsync(SqlScope scope, string workspace, string name, long number, string version) =>
        await scope.FindByNumberAsync(workspace, name, number) ?? throw ModelRules.VersionNotFound(name, version);

    private static ModelVersionRow Insert(RegistryWrite write, NewModelVersion added, long number)
    {
        var (workspace, now) = (write.Workspace, write.Now);
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
        write.InsertLast(version, tags);
        return row;
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
