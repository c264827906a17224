using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Registry;

/// <summary>Names that point to one version of a model and can be moved.</summary>
internal sealed class AliasStore(RegistryDatabase database, RegistryWriter writer)
{
    /// <param name="version">As the client wrote it.</param>
    public Task SetAsync(Caller caller, string name, string alias, string version, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return writer.WriteAsync(
            caller,
            RegistryChange.AliasSet(name, number, version, alias),
            write => write.Scope.InsertAsync(
                "registered_model_aliases",
                ["workspace", "name", "alias", "version"],
                [[write.Workspace, name, alias, number]],
                write.Scope.Dialect.OnConflictUpdate("workspace, name, alias", ["version"])),
            cancellationToken);
    }

    /// <summary>Does nothing for an alias that is not there.</summary>
    public Task DeleteAsync(Caller caller, string name, string alias, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            RegistryChange.AliasDeleted(name, alias),
            write => write.Scope.ExecuteAsync(
                "DELETE FROM registered_model_aliases WHERE workspace = @workspace AND name = @name AND alias = @alias",
                new { workspace = write.Workspace, name, alias }),
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
