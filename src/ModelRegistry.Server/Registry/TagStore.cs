using ModelRegistry.Server.Data;
using ModelRegistry.Server.Webhooks;

namespace ModelRegistry.Server.Registry;

/// <summary>Tags of models and of versions. They touch no timestamp; deleting one that is not there is no error.</summary>
internal sealed class TagStore(ModelCache cache, Outbox outbox)
{
    public Task SetModelTagAsync(Caller caller, string name, string key, string value, CancellationToken cancellationToken) =>
        cache.WriteAsync(
            caller,
            name,
            async scope =>
            {
                await RegisteredModelStore.LockAsync(scope, caller.Workspace.Name, name);
                await scope.InsertAsync(
                    "registered_model_tags",
                    ["workspace", "name", "\"key\"", "value"],
                    [[caller.Workspace.Name, name, key, value]],
                    scope.Dialect.OnConflictUpdate("workspace, \"key\", name", ["value"]));
                await outbox.AppendAsync(scope, RegistryEvent.ModelTagSet(caller.Workspace.Name, name, key, value));
            },
            cancellationToken);

    public Task DeleteModelTagAsync(Caller caller, string name, string key, CancellationToken cancellationToken) =>
        cache.WriteAsync(
            caller,
            name,
            async scope =>
            {
                await RegisteredModelStore.LockAsync(scope, caller.Workspace.Name, name);
                await scope.ExecuteAsync(
                    """DELETE FROM registered_model_tags WHERE workspace = @workspace AND name = @name AND "key" = @key""",
                    new { workspace = caller.Workspace.Name, name, key });
                await outbox.AppendAsync(scope, RegistryEvent.ModelTagDeleted(caller.Workspace.Name, name, key));
            },
            cancellationToken);

    public Task SetVersionTagAsync(
        Caller caller, string name, string version, string key, string value, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return cache.WriteAsync(
            caller,
            name,
            async scope =>
            {
                await ModelVersionStore.LockAsync(scope, caller.Workspace.Name, name, number, version);
                await scope.InsertAsync(
                    "model_version_tags",
                    ["workspace", "name", "version", "\"key\"", "value"],
                    [[caller.Workspace.Name, name, number, key, value]],
                    scope.Dialect.OnConflictUpdate("workspace, \"key\", name, version", ["value"]));
                await outbox.AppendAsync(scope, RegistryEvent.VersionTagSet(caller.Workspace.Name, name, version, key, value));
            },
            cancellationToken);
    }

    public Task DeleteVersionTagAsync(Caller caller, string name, string version, string key, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return cache.WriteAsync(
            caller,
            name,
            async scope =>
            {
                await ModelVersionStore.LockAsync(scope, caller.Workspace.Name, name, number, version);
                await scope.ExecuteAsync(
                    """DELETE FROM model_version_tags WHERE workspace = @workspace AND name = @name AND version = @number AND "key" = @key""",
                    new { workspace = caller.Workspace.Name, name, number, key });
                await outbox.AppendAsync(scope, RegistryEvent.VersionTagDeleted(caller.Workspace.Name, name, version, key));
            },
            cancellationToken);
    }
}
