using System.Data.Common;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Webhooks;

namespace ModelRegistry.Server.Registry;

/// <summary>Registered models. A change of a model locks its row first, so changes of one model happen one after the other.</summary>
internal sealed class RegisteredModelStore(RegistryDatabase database, ModelCache cache, Outbox outbox, TimeProvider time)
{
    /// <summary>Sets the time of the last change to <c>@now</c>, and by that locks the model until the transaction ends.</summary>
    public const string Touch = "UPDATE registered_models SET last_updated_time = @now WHERE workspace = @workspace AND name = @name";

    private static readonly string[] Tables =
        ["model_version_tags", "model_versions", "registered_model_tags", "registered_model_aliases", "registered_models"];

    public Task<RegisteredModel> CreateAsync(
        Caller caller, string name, string description, Dictionary<string, string> tags, CancellationToken cancellationToken) =>
        cache.WriteAsync(
            caller,
            [name],
            async scope =>
            {
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                await InsertAsync(scope, caller.Workspace.Name, name, description, now, tags.ContainsKey(ModelRules.PromptTag));
                await scope.InsertAsync(
                    "registered_model_tags",
                    ["workspace", "name", "\"key\"", "value"],
                    [.. tags.Select(tag => new object?[] { caller.Workspace.Name, name, tag.Key, tag.Value })]);
                await outbox.AppendAsync(scope, RegistryEvent.ModelCreated(caller.Workspace.Name, name, description, tags));
                var row = new RegisteredModelRow { Name = name, CreationTime = now, LastUpdatedTime = now, Description = description };
                return new RegisteredModel(row, [.. RegistryTagRow.Of(name, tags)], [], []);
            },
            cancellationToken);

    public Task<RegisteredModel> GetAsync(Workspace workspace, string name, CancellationToken cancellationToken) =>
        database.ReadAsync(scope => GetAsync(scope, workspace.Name, name), cancellationToken);

    public Task<RegisteredModel> UpdateAsync(Caller caller, string name, string description, CancellationToken cancellationToken) =>
        cache.WriteAsync(
            caller,
            [name],
            async scope =>
            {
                var found = await scope.ExecuteAsync(
                    """
                    UPDATE registered_models SET description = @description, last_updated_time = @now
                    WHERE workspace = @workspace AND name = @name
                    """,
                    new { workspace = caller.Workspace.Name, name, description, now = time.GetUtcNow().ToUnixTimeMilliseconds() });
                if (found == 0)
                    throw ModelRules.ModelNotFound(name);
                return await GetAsync(scope, caller.Workspace.Name, name);
            },
            cancellationToken);

    public Task<RegisteredModel> RenameAsync(Caller caller, string name, string newName, CancellationToken cancellationToken) =>
        cache.WriteAsync(
            caller,
            [name, newName],
            async scope =>
            {
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                await TouchAsync(scope, caller.Workspace.Name, name, now);
                await scope.ExecuteAsync(
                    "UPDATE model_versions SET last_updated_time = @now WHERE workspace = @workspace AND name = @name",
                    new { workspace = caller.Workspace.Name, name, now });
                if (newName != name)
                    await ModelRename.MoveAsync(scope, caller.Workspace.Name, name, newName);
                return await GetAsync(scope, caller.Workspace.Name, newName);
            },
            cancellationToken);

    public Task DeleteAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        cache.WriteAsync(
            caller,
            name,
            async scope =>
            {
                var key = new { workspace = caller.Workspace.Name, name };
                await TouchAsync(scope, caller.Workspace.Name, name, time.GetUtcNow().ToUnixTimeMilliseconds());
                foreach (var table in Tables)
                    await scope.ExecuteAsync($"DELETE FROM {table} WHERE workspace = @workspace AND name = @name", key);
            },
            cancellationToken);

    /// <summary>The newest version of each stage.</summary>
    public Task<List<ModelVersion>> GetLatestVersionsAsync(Workspace workspace, string name, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope =>
            {
                await RequireAsync(scope, workspace.Name, name);
                return await scope.CompleteAsync(workspace.Name, await scope.LatestRowsAsync(workspace.Name, [name]));
            },
            cancellationToken);

    /// <inheritdoc cref="Touch"/>
    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public static async Task TouchAsync(SqlScope scope, string workspace, string name, long now)
    {
        if (!await TryTouchAsync(scope, workspace, name, now))
            throw ModelRules.ModelNotFound(name);
    }

    /// <summary>As <see cref="TouchAsync"/>, where the caller has a better answer for a missing model.</summary>
    public static async Task<bool> TryTouchAsync(SqlScope scope, string workspace, string name, long now) =>
        await scope.ExecuteAsync(Touch, new { workspace, name, now }) > 0;

    /// <summary>Locks the model until the transaction ends, without a trace.</summary>
    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public static async Task LockAsync(SqlScope scope, string workspace, string name)
    {
        if (!await TryLockAsync(scope, workspace, name))
            throw ModelRules.ModelNotFound(name);
    }

    /// <summary>As <see cref="LockAsync"/>, where the caller has a better answer for a missing model.</summary>
    public static async Task<bool> TryLockAsync(SqlScope scope, string workspace, string name) =>
        await LockNameAsync(scope, workspace, name) is not null;

    /// <summary>As <see cref="TryLockAsync"/>.</summary>
    /// <returns>The name as it is stored, which may differ in case on a database that ignores it; null for a missing model.</returns>
    public static Task<string?> LockNameAsync(SqlScope scope, string workspace, string name) =>
        scope.FindAsync<string>(
            $"SELECT name FROM registered_models WHERE workspace = @workspace AND name = @name {scope.Dialect.ForUpdate}",
            new { workspace, name });

    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public static async Task<RegisteredModelRow> RequireAsync(SqlScope scope, string workspace, string name) =>
        await scope.FindAsync<RegisteredModelRow>(
            $"SELECT {RegisteredModelRow.Columns} FROM registered_models m WHERE m.workspace = @workspace AND m.name = @name",
            new { workspace, name })
        ?? throw ModelRules.ModelNotFound(name);

    private static async Task<RegisteredModel> GetAsync(SqlScope scope, string workspace, string name) =>
        await scope.FindModelAsync(workspace, name) ?? throw ModelRules.ModelNotFound(name);

    private static async Task InsertAsync(SqlScope scope, string workspace, string name, string description, long now, bool isPrompt)
    {
        try
        {
            await scope.ExecuteAsync(
                """
                INSERT INTO registered_models (workspace, name, creation_time, last_updated_time, description)
                VALUES (@workspace, @name, @now, @now, @description)
                """,
                new { workspace, name, now, description });
        }
        catch (DbException e) when (scope.Dialect.IsUniqueViolation(e))
        {
            throw NameTaken(name, await IsPromptAsync(scope, workspace, name), isPrompt);
        }
    }

    private static async Task<bool> IsPromptAsync(SqlScope scope, string workspace, string name) =>
        await scope.FindAsync<long>(
            """SELECT COUNT(*) FROM registered_model_tags WHERE workspace = @workspace AND name = @name AND "key" = @key""",
            new { workspace, name, key = ModelRules.PromptTag }) > 0;

    private static ApiException NameTaken(string name, bool wasPrompt, bool isPrompt) =>
        wasPrompt == isPrompt
            ? ApiException.AlreadyExists($"{(isPrompt ? "Prompt" : "Registered Model")} (name={name}) already exists.")
            : ApiException.AlreadyExists(
                $"Tried to create a {(isPrompt ? "prompt" : "registered model")} with name {PythonText.Repr(name)}, "
                + $"but the name is already taken by a {(wasPrompt ? "prompt" : "registered model")}. "
                + "MLflow does not allow creating a model and a prompt with the same name.");
}
