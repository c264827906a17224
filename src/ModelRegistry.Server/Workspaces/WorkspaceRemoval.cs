using ModelRegistry.Server.Caching;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Workspaces;

/// <summary>Deletes a workspace with, or without, what is in it.</summary>
/// <remarks>
/// With a registry database of its own there are two transactions. Both sides are checked before either is changed, and the workspace itself
/// goes with the second, so that a deletion that was cut off in between can be repeated.
/// </remarks>
internal sealed class WorkspaceRemoval(Databases stores, WorkspaceWriter writer, ICache cache)
{
    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST, or INVALID_STATE when the mode does not allow it.</exception>
    public async Task DeleteAsync(Caller caller, string name, DeletionMode mode, CancellationToken cancellationToken)
    {
        try
        {
            await DeleteFromDatabasesAsync(caller, name, mode, cancellationToken);
        }
        finally
        {
            // A workspace of this name may be made again.
            await cache.ForgetAllAsync();
        }
    }

    private async Task DeleteFromDatabasesAsync(Caller caller, string name, DeletionMode mode, CancellationToken cancellationToken)
    {
        if (stores.AreOne)
        {
            await writer.WriteAsync(
                caller, WorkspaceChange.Deleted(name, mode), write => RemoveAsync(write.Scope, name, mode, WorkspaceTables.All), cancellationToken);
            return;
        }

        await stores.Tracking.ReadAsync(scope => CheckAsync(scope, name, mode, WorkspaceTables.Tracking), cancellationToken);
        await stores.Registry.WriteAsync(scope => EmptyAsync(scope, name, mode, WorkspaceTables.Registry), cancellationToken);
        await writer.WriteAsync(
            caller, WorkspaceChange.Deleted(name, mode), write => RemoveAsync(write.Scope, name, mode, WorkspaceTables.Tracking), cancellationToken);
    }

    private static async Task RemoveAsync(SqlScope scope, string name, DeletionMode mode, IReadOnlyList<WorkspaceTable> tables)
    {
        await WorkspaceStore.GetAsync(scope, name);
        await EmptyAsync(scope, name, mode, tables);
        await scope.ExecuteAsync("DELETE FROM workspaces WHERE name = @name", new { name });
    }

    private static async Task<bool> CheckAsync(SqlScope scope, string name, DeletionMode mode, IReadOnlyList<WorkspaceTable> tables)
    {
        await WorkspaceStore.GetAsync(scope, name);
        await RequireAsync(scope, name, mode, tables);
        return true;
    }

    private static async Task EmptyAsync(SqlScope scope, string name, DeletionMode mode, IReadOnlyList<WorkspaceTable> tables)
    {
        await RequireAsync(scope, name, mode, tables);
        var statements = mode switch
        {
            DeletionMode.Cascade => tables.SelectMany(table => table.Delete),
            DeletionMode.SetDefault => tables.SelectMany(table => table.Move),
            _ => [],
        };
        foreach (var statement in statements)
            await scope.ExecuteAsync(statement, new { name, target = Workspace.DefaultName });
    }

    private static Task RequireAsync(SqlScope scope, string name, DeletionMode mode, IReadOnlyList<WorkspaceTable> tables) => mode switch
    {
        DeletionMode.Restrict => RequireEmptyAsync(scope, name, tables),
        DeletionMode.SetDefault => RequireNoConflictAsync(scope, name, tables),
        _ => Task.CompletedTask,
    };

    private static async Task RequireEmptyAsync(SqlScope scope, string name, IReadOnlyList<WorkspaceTable> tables)
    {
        foreach (var table in tables)
        {
            var count = await scope.FindAsync<long>($"SELECT COUNT(*) FROM {table.Name} WHERE workspace = @name", new { name });
            if (count > 0)
            {
                throw Refused(
                    $"Cannot delete workspace '{name}': table '{table.Name}' still contains {count} resource(s). "
                    + "Remove or reassign them before deleting the workspace.");
            }
        }
    }

    private static async Task RequireNoConflictAsync(SqlScope scope, string name, IReadOnlyList<WorkspaceTable> tables)
    {
        var conflicts = new List<string>();
        foreach (var table in tables.Where(table => table.Label is not null))
        {
            var names = await scope.QueryAsync<string>(
                $"""
                SELECT a.{table.Label} FROM {table.Name} a
                WHERE a.workspace = @name AND EXISTS (SELECT 1 FROM {table.Name} b WHERE b.workspace = @target AND b.{table.Label} = a.{table.Label})
                """,
                new { name, target = Workspace.DefaultName });
            conflicts.AddRange(names.Select(taken => $"  - {table.Name}: {PythonText.Repr(taken)}"));
        }

        if (conflicts.Count > 0)
        {
            throw Refused(
                $"Cannot reassign resources from workspace '{name}' to 'default': the following names already exist in the default workspace "
                + $"and would cause conflicts:\n{string.Join('\n', conflicts)}\nRename or remove the conflicting resources before retrying.");
        }
    }

    private static ApiException Refused(string message) => new(ErrorCode.InvalidState, message);
}
