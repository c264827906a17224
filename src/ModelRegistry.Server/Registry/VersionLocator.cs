using ModelRegistry.Server.Data;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Registry;

/// <summary>The narrow door through which other areas learn where a model version's files are.</summary>
internal sealed class VersionLocator(Database database)
{
    /// <returns>The URI to download the version from; null when there is no such version.</returns>
    public Task<string?> FindDownloadUriAsync(RequestContext context, string name, long version, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.FindAsync<string>(
                """
                SELECT COALESCE(NULLIF(storage_location, ''), source)
                FROM model_versions
                WHERE workspace = @workspace AND name = @name AND version = @version AND current_stage <> 'Deleted_Internal'
                """,
                new { workspace = context.Workspace, name, version }),
            cancellationToken);
}
