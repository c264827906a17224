using System.Data.Common;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Registry;

/// <summary>Registered models.</summary>
internal sealed class RegisteredModelStore(RegistryDatabase database, RegistryWriter writer)
{
    /// <summary>Sets the time of the last change to <c>@now</c>, and by that locks the model until the transaction ends.</summary>
    public const string Touch = "UPDATE registered_models SET last_updated_time = @now WHERE workspace = @workspace AND name = @name";

    private static readonly string[] Tables =
        ["model_version_tags", "model_versions", "registered_model_tags", "registered_model_aliases", "registered_models"];

    public Task<RegisteredModel> CreateAsync(
        Caller caller, string name, string description, Dictionary<string, string> tags, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            RegistryChange.ModelCreated(name, description, tags),
            async write =>
            {
                await InsertAsync(write.Scope, write.Workspace, name, description, write.Now, tags.ContainsKey(ModelRules.PromptTag));
                await write.Scope.InsertAsync(
                    "registered_model_tags",
                    ["workspace", "name", "\"key\"", "value"],
                    [.. tags.Select(tag => new object?[] { write.Workspace, name, tag.Key, tag.Value })]);
                var row = new RegisteredModelRow
                {
                    Name = name, CreationTime = write.Now, LastUpdatedTime = write.Now, Description = description,
                };
                return new RegisteredModel(row, [.. RegistryTagRow.Of(name, tags)], [], []);
            },
            cancellationToken);

    public Task<RegisteredModel> GetAsync(Workspace workspace, string name, CancellationToken cancellationToken) =>
        database.ReadAsync(scope => GetAsync(scope, workspace.Name, name), cancellationToken);

    public Task<RegisteredModel> UpdateAsync(Caller caller, string name, string description, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            RegistryChange.ModelUpdated(name, description),
            async write =>
            {
                await write.Scope.ExecuteAsync(
                    """
                    UPDATE registered_models SET description = @description, last_updated_time = @now
                    WHERE workspace = @workspace AND name = @name
                    """,
                    new { workspace = write.Workspace, name, description, now = write.Now });
                return await GetAsync(write.Scope, write.Workspace, name);
            },
            cancellationToken);

    public Task<RegisteredModel> RenameAsync(Caller caller, string name, string newName, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            RegistryChange.ModelRenamed(name, newName),
            async write =>
            {
                await write.Scope.ExecuteAsync(
                    "UPDATE model_versions SET last_updated_time = @now WHERE workspace = @workspace AND name = @name",
                    new { workspace = write.Workspace, name, now = write.Now });
                if (newName != name)
                    await ModelRename.MoveAsync(write.Scope, write.Workspace, name, newName);
                return await GetAsync(write.Scope, write.Workspace, newName);
            },
            cancellationToken);

    public Task DeleteAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            RegistryChange.ModelDeleted(name),
            async write =>
            {
                var key = new { workspace = write.Workspace, name };
                foreach (var table in Tables)
                    await write.Scope.ExecuteAsync($"DELETE FROM {table} WHERE workspace = @workspace AND name = @name", key);
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
