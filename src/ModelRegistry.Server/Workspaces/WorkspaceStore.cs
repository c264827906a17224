using System.Data.Common;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Workspaces;

/// <summary>Rows of <c>workspaces</c>, which are in the tracking database.</summary>
internal sealed class WorkspaceStore(TrackingDatabase database, WorkspaceWriter writer)
{
    private const string Columns = "name, description, default_artifact_root";
    private const string DefaultDescription = "Default workspace for legacy resources";

    /// <summary>Makes the default workspace where it is missing: databases that MLflow set up have it.</summary>
    public Task EnsureDefaultAsync(CancellationToken cancellationToken) =>
        database.Database.WriteAsync(
            scope => scope.InsertAsync(
                "workspaces", ["name", "description"], [[Workspace.DefaultName, DefaultDescription]], scope.Dialect.OnConflictNothing("name")),
            cancellationToken);

    public Task<List<WorkspaceRow>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(scope => scope.QueryAsync<WorkspaceRow>($"SELECT {Columns} FROM workspaces ORDER BY name"), cancellationToken);

    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public Task<WorkspaceRow> GetAsync(string name, CancellationToken cancellationToken) =>
        database.ReadAsync(scope => GetAsync(scope, name), cancellationToken);

    /// <exception cref="ApiException">RESOURCE_ALREADY_EXISTS.</exception>
    public Task<WorkspaceRow> CreateAsync(
        Caller caller, string name, string? description, string? artifactRoot, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            WorkspaceChange.Created(name, description, artifactRoot),
            async write =>
            {
                var scope = write.Scope;
                try
                {
                    await scope.ExecuteAsync(
                        "INSERT INTO workspaces (name, description, default_artifact_root) VALUES (@name, @description, @artifactRoot)",
                        new { name, description, artifactRoot = NullIfEmpty(artifactRoot) });
                }
                catch (DbException e) when (scope.Dialect.IsUniqueViolation(e))
                {
                    throw ApiException.AlreadyExists($"Workspace '{name}' already exists.");
                }

                return await GetAsync(scope, name);
            },
            cancellationToken);

    /// <summary>Changes what is given; an empty artifact root clears it.</summary>
    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public Task<WorkspaceRow> UpdateAsync(
        Caller caller, string name, string? description, string? artifactRoot, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            WorkspaceChange.Updated(name, description, artifactRoot),
            async write =>
            {
                var scope = write.Scope;
                await scope.ExecuteAsync(
                    """
                    UPDATE workspaces
                    SET description = COALESCE(@description, description),
                        default_artifact_root = CASE WHEN @hasRoot = 1 THEN @root ELSE default_artifact_root END
                    WHERE name = @name
                    """,
                    new { name, description, hasRoot = artifactRoot is null ? 0 : 1, root = NullIfEmpty(artifactRoot) });
                return await GetAsync(scope, name);
            },
            cancellationToken);

    /// <inheritdoc cref="GetAsync(string, CancellationToken)"/>
    public static async Task<WorkspaceRow> GetAsync(SqlScope scope, string name) =>
        await scope.FindAsync<WorkspaceRow>($"SELECT {Columns} FROM workspaces WHERE name = @name", new { name })
        ?? throw WorkspaceRules.NotFound(name);

    private static string? NullIfEmpty(string? text) => text is { Length: > 0 } ? text : null;
}

internal sealed record WorkspaceRow
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public string? DefaultArtifactRoot { get; init; }
}
