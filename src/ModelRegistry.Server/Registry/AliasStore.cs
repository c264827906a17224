using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Webhooks;

namespace ModelRegistry.Server.Registry;

/// <summary>Names that point to one version of a model and can be moved.</summary>
internal sealed class AliasStore(RegistryDatabase database, ModelCache cache, Outbox outbox)
{
    /// <param name="version">As the client wrote it.</param>
    public Task SetAsync(Caller caller, string name, string alias, string version, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return cache.WriteAsync(
            caller,
            name,
            async scope =>
            {
                await ModelVersionStore.LockAsync(scope, caller.Workspace.Name, name, number, version);
                await scope.InsertAsync(
                    "registered_model_aliases",
                    ["workspace", "name", "alias", "version"],
                    [[caller.Workspace.Name, name, alias, number]],
                    scope.Dialect.OnConflictUpdate("workspace, name, alias", ["version"]));
                await outbox.AppendAsync(scope, RegistryEvent.AliasSet(caller.Workspace.Name, name, alias, version));
            },
            cancellationToken);
    }

    /// <summary>Does nothing for an alias that is not there.</summary>
    public Task DeleteAsync(Caller caller, string name, string alias, CancellationToken cancellationToken) =>
        cache.WriteAsync(
            caller,
            name,
            async scope =>
            {
                await RegisteredModelStore.LockAsync(scope, caller.Workspace.Name, name);
                await scope.ExecuteAsync(
                    "DELETE FROM registered_model_aliases WHERE workspace = @workspace AND name = @name AND alias = @alias",
                    new { workspace = caller.Workspace.Name, name, alias });
                await outbox.AppendAsync(scope, RegistryEvent.AliasDeleted(caller.Workspace.Name, name, alias));
            },
            cancellationToken);

    /// <exception cref="ApiException">
    /// RESOURCE_DOES_NOT_EXIST for the model or for a version that is gone; INVALID_PARAMETER_VALUE for an unknown alias.
    /// </exception>
    public Task<ModelVersion> GetVersionAsync(Workspace workspace, string name, string alias, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope => await scope.FindByAliasAsync(workspace.Name, name, alias)
                ?? throw await WhyMissingAsync(scope, workspace.Name, name, alias),
            cancellationToken);

    private static async Task<ApiException> WhyMissingAsync(SqlScope scope, string workspace, string name, string alias)
    {
        await RegisteredModelStore.RequireAsync(scope, workspace, name);

        // MLflow's own server leaves aliases behind when it deletes their version.
        var version = await scope.FindAsync<string>(
            "SELECT version FROM registered_model_aliases WHERE workspace = @workspace AND name = @name AND alias = @alias",
            new { workspace, name, alias });
        return version is null
            ? ApiException.Invalid($"Registered model alias {alias} not found.")
            : ModelRules.VersionNotFound(name, version);
    }
}
