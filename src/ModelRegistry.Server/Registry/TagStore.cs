using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Registry;

/// <summary>Tags of models and of versions. They touch no timestamp; deleting one that is not there is no error.</summary>
internal sealed class TagStore(RegistryWriter writer)
{
    public Task SetModelTagAsync(Caller caller, string name, string key, string value, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            RegistryChange.ModelTagSet(name, key, value),
            write => write.Scope.InsertAsync(
                "registered_model_tags",
                ["workspace", "name", "\"key\"", "value"],
                [[write.Workspace, name, key, value]],
                write.Scope.Dialect.OnConflictUpdate("workspace, \"key\", name", ["value"])),
            cancellationToken);

    public Task DeleteModelTagAsync(Caller caller, string name, string key, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            RegistryChange.ModelTagDeleted(name, key),
            write => write.Scope.ExecuteAsync(
                """DELETE FROM registered_model_tags WHERE workspace = @workspace AND name = @name AND "key" = @key""",
                new { workspace = write.Workspace, name, key }),
            cancellationToken);

    public Task SetVersionTagAsync(
        Caller caller, string name, string version, string key, string value, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return writer.WriteAsync(
            caller,
            RegistryChange.VersionTagSet(name, number, version, key, value),
            write => write.Scope.InsertAsync(
                "model_version_tags",
                ["workspace", "name", "version", "\"key\"", "value"],
                [[write.Workspace, name, number, key, value]],
                write.Scope.Dialect.OnConflictUpdate("workspace, \"key\", name, version", ["value"])),
            cancellationToken);
    }

    public Task DeleteVersionTagAsync(Caller caller, string name, string version, string key, CancellationToken cancellationToken)
    {
        var number = ModelRules.ParseVersion(version);
        return writer.WriteAsync(
            caller,
            RegistryChange.VersionTagDeleted(name, number, version, key),
            write => write.Scope.ExecuteAsync(
                """DELETE FROM model_version_tags WHERE workspace = @workspace AND name = @name AND version = @number AND "key" = @key""",
                new { workspace = write.Workspace, name, number, key }),
            cancellationToken);
    }
}
