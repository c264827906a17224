using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Registry;

/// <summary>The narrow door through which other areas learn where a model version's files are.</summary>
internal sealed class VersionLocator(RegistryDatabase database)
{
    /// <returns>null when there is no such version.</returns>
    public Task<VersionLocation?> FindAsync(Workspace workspace, string name, long version, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.FindAsync<VersionLocation>(
                $"""
                SELECT {VersionLocation.Columns} FROM model_versions v
                WHERE v.workspace = @workspace AND v.name = @name AND v.version = @version AND v.current_stage <> 'Deleted_Internal'
                """,
                new { workspace = workspace.Name, name, version }),
            cancellationToken);
}

/// <summary>Where a version's files are.</summary>
internal sealed record VersionLocation
{
    public const string Columns =
        "v.workspace, v.name, v.version, v.creation_time, v.run_id, COALESCE(NULLIF(v.storage_location, ''), v.source, '') AS uri";

    public required string Workspace { get; init; }

    public required string Name { get; init; }

    public long Version { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long CreationTime { get; init; }

    /// <summary>The run it comes from; null or empty for none.</summary>
    public string? RunId { get; init; }

    /// <summary>The URI to download it from; empty for none.</summary>
    public required string Uri { get; init; }
}
