using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Workspaces;

/// <summary>The changes of workspaces themselves.</summary>
internal sealed record WorkspaceChange : RowChange
{
    public static WorkspaceChange Created(string name, string? description, string? artifactRoot) => Of("workspace.create", name) with
    {
        Row = null,
        Before = null,
        Facts = _ => [new("lifecycle", null, "active"), new("description", null, description), new("default_artifact_root", null, OrNull(artifactRoot))],
    };

    /// <param name="description">null leaves it as it is.</param>
    /// <param name="artifactRoot">As <paramref name="description"/>; empty for none.</param>
    public static WorkspaceChange Updated(string name, string? description, string? artifactRoot) => Of("workspace.update", name) with
    {
        Facts = before =>
        [
            new("description", Find(before, "description"), description ?? Find(before, "description")),
            new("default_artifact_root", Find(before, "root"), artifactRoot is null ? Find(before, "root") : OrNull(artifactRoot)),
        ],
    };

    public static WorkspaceChange Deleted(string name, DeletionMode mode) => Of("workspace.delete", name) with
    {
        Before = null,
        Facts = _ => [new("lifecycle", "active", "deleted"), new("content", null, mode.ToString())],
    };

    /// <summary>A workspace is no part of the workspace it is changed from.</summary>
    public override string ChainIn(Workspace workspace) => $"workspace/{Resource}";

    private static WorkspaceChange Of(string action, string name) => new()
    {
        Action = action,
        Kind = "workspace",
        Resource = name,
        Row = "SELECT name FROM workspaces WHERE name = @id",
        Values = [("id", name)],
        Before =
            """
            SELECT 'description' AS part, NULL AS "key", description AS value FROM workspaces WHERE name = @id
            UNION ALL
            SELECT 'root', NULL, default_artifact_root FROM workspaces WHERE name = @id
            """,
        Facts = static _ => [],
    };

    private static string? Find(IReadOnlyList<FactRow> before, string part) => before.FirstOrDefault(row => row.Part == part)?.Value;

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>The one way to change workspaces.</summary>
internal sealed class WorkspaceWriter(TrackingDatabase database, ChangePipeline pipeline, TimeProvider time)
    : ChangeWriter<WorkspaceChange>(database, pipeline, time);
