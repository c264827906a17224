using ModelRegistry.Server.Data;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Webhooks;

namespace ModelRegistry.Server.Registry;

/// <summary>Tags of models and of versions. They touch no timestamp; deleting one that is not there is no error.</summary>
internal sealed class TagStore(ModelCache cache, Outbox outbox)
{
    public Task SetModelTagAsync(RequestContext context, string name, string key, string value, CancellationToken cancellationToken) =>
        cache.WriteAsync(
            context,
            name,
            async scope =>
            {
                await RegisteredModelStore.LockAsync(scope, context.Workspace, name);
                await scope.InsertAsync(
                    "registered_model_tags",
                    ["workspace", "name", "\"key\"", "value"],
                    [[context.Workspace, name, key, value]],
                    scope.Dialect.OnConflictUpdate("workspace, \"key\", name", ["value"]));
                await outbox.AppendAsync(scope, RegistryEvent.ModelTagSet(context.Workspace, name, key, value));
            },
            cancellationToken);

    public Task DeleteModelTagAsync(RequestContext context, string name, string key, CancellationToken cancellationToken) =>
        cache.WriteAsync(
            context,
            name,
            async scope =>
            {
                await RegisteredModelStore.LockAsync(scope, context.Workspace, name);
                await scope.ExecuteAsync(
                    """DELETE FROM registered_model_tags WHERE workspace = @workspace AND name = @name AND "key" = @key""",
                    new { workspace = context.Workspace, name, key });
                await outbox.AppendAsync(scope, RegistryEvent.ModelTagDeleted(context.Workspace, name, key));
            },
            cancellationToken);

    public Task SetVersionTagAsync(
        RequestContext context, string name, string version, string key, string value, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return cache.WriteAsync(
            context,
            name,
            async scope =>
            {
                await ModelVersionStore.LockAsync(scope, context.Workspace, name, number, version);
                await scope.InsertAsync(
                    "model_version_tags",
                    ["workspace", "name", "version", "\"key\"", "value"],
                    [[context.Workspace, name, number, key, value]],
                    scope.Dialect.OnConflictUpdate("workspace, \"key\", name, version", ["value"]));
                await outbox.AppendAsync(scope, RegistryEvent.VersionTagSet(context.Workspace, name, version, key, value));
            },
            cancellationToken);
    }

    public Task DeleteVersionTagAsync(RequestContext context, string name, string version, string key, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return cache.WriteAsync(
            context,
            name,
            async scope =>
            {
                await ModelVersionStore.LockAsync(scope, context.Workspace, name, number, version);
                await scope.ExecuteAsync(
                    """DELETE FROM model_version_tags WHERE workspace = @workspace AND name = @name AND version = @number AND "key" = @key""",
                    new { workspace = context.Workspace, name, number, key });
                await outbox.AppendAsync(scope, RegistryEvent.VersionTagDeleted(context.Workspace, name, version, key));
            },
            cancellationToken);
    }
}
