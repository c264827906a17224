using System.Data.Common;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Registry;

/// <summary>
/// Gives a model another name. Its name is part of every key below it, and not every database cascades a change of such a key, so the
/// rows are written under the new name, their children moved over, and the old rows deleted.
/// </summary>
internal static class ModelRename
{
    /// <exception cref="ApiException">RESOURCE_ALREADY_EXISTS.</exception>
    public static async Task MoveAsync(SqlScope scope, string workspace, string name, string newName)
    {
        var names = new { workspace, name, newName };
        await CopyModelAsync(scope, newName, names);
        await scope.ExecuteAsync(
            """
            INSERT INTO model_versions (workspace, name, version, creation_time, last_updated_time, description, user_id, current_stage, source,
                run_id, status, status_message, run_link, storage_location)
            SELECT workspace, @newName, version, creation_time, last_updated_time, description, user_id, current_stage, source,
                run_id, status, status_message, run_link, storage_location
            FROM model_versions WHERE workspace = @workspace AND name = @name
            """,
            names);
        foreach (var table in (string[])["model_version_tags", "registered_model_tags", "registered_model_aliases"])
            await scope.ExecuteAsync($"UPDATE {table} SET name = @newName WHERE workspace = @workspace AND name = @name", names);
        foreach (var table in (string[])["model_versions", "registered_models"])
            await scope.ExecuteAsync($"DELETE FROM {table} WHERE workspace = @workspace AND name = @name", names);
    }

    private static async Task CopyModelAsync(SqlScope scope, string newName, object names)
    {
        try
        {
            await scope.ExecuteAsync(
                """
                INSERT INTO registered_models (workspace, name, creation_time, last_updated_time, description)
                SELECT workspace, @newName, creation_time, last_updated_time, description
                FROM registered_models WHERE workspace = @workspace AND name = @name
                """,
                names);
        }
        catch (DbException e) when (scope.Dialect.IsUniqueViolation(e))
        {
            throw ApiException.AlreadyExists($"Registered Model (name={newName}) already exists. Error: the new name is taken.");
        }
    }
}
