namespace ModelRegistry.Server.Workspaces;

/// <summary>A table whose rows belong to a workspace, and how it is emptied.</summary>
/// <param name="Label">The column with the name that a workspace has once; null where there is none.</param>
/// <param name="Delete">Deletes what is in workspace <c>@name</c>.</param>
/// <param name="Move">Moves it to workspace <c>@target</c>.</param>
internal sealed record WorkspaceTable(string Name, string? Label, IReadOnlyList<string> Delete, IReadOnlyList<string> Move);

/// <summary>The tables with a workspace, in the order in which MLflow looks at them.</summary>
internal static class WorkspaceTables
{
    private const string Own = "WHERE workspace = @name";
    private const string Experiments = $"experiment_id IN (SELECT experiment_id FROM experiments {Own})";
    private const string Runs = $"(SELECT run_uuid FROM runs WHERE {Experiments})";
    private const string RunEdges =
        $"((destination_type = 'RUN' AND destination_id IN {Runs}) OR (source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id IN {Runs}))";

    private static readonly WorkspaceTable Models = new(
        "registered_models", "name",
        [
            .. ((string[])["model_version_tags", "registered_model_tags", "registered_model_aliases", "model_versions", "registered_models"])
                .Select(table => $"DELETE FROM {table} {Own}"),
        ],
        [
            // Not every database cascades a change of a key, so the parents are written anew, the children moved, and the old parents deleted.
            $"""
            INSERT INTO registered_models (workspace, name, creation_time, last_updated_time, description)
            SELECT @target, name, creation_time, last_updated_time, description FROM registered_models {Own}
            """,
            $"""
            INSERT INTO model_versions (workspace, name, version, creation_time, last_updated_time, description, user_id, current_stage, source,
                run_id, status, status_message, run_link, storage_location)
            SELECT @target, name, version, creation_time, last_updated_time, description, user_id, current_stage, source,
                run_id, status, status_message, run_link, storage_location
            FROM model_versions {Own}
            """,
            .. ((string[])["model_version_tags", "registered_model_tags", "registered_model_aliases"])
                .Select(table => $"UPDATE {table} SET workspace = @target {Own}"),
            $"DELETE FROM model_versions {Own}",
            $"DELETE FROM registered_models {Own}",
        ]);

    // What hangs on these by a foreign key that deletes is not named.
    private static readonly WorkspaceTable ExperimentTable = Plain(
        "experiments", "name",
        [
            $"DELETE FROM guardrails {Own}",
            $"DELETE FROM input_tags WHERE input_uuid IN (SELECT input_uuid FROM inputs WHERE {RunEdges})",
            $"DELETE FROM inputs WHERE {RunEdges}",
            .. ((string[])["metrics", "latest_metrics", "params", "tags"]).Select(table => $"DELETE FROM {table} WHERE run_uuid IN {Runs}"),
            .. ((string[])
                [
                    "logged_model_metrics", "logged_model_params", "logged_model_tags", "logged_models", "spans", "trace_info", "issues",
                    "online_scoring_configs", "scorers", "datasets", "runs", "experiment_tags",
                ])
                .Select(table => $"DELETE FROM {table} WHERE {Experiments}"),
        ]);

    private static readonly WorkspaceTable Webhooks = new(
        "webhooks", "name",
        [$"DELETE FROM mr_webhook_deliveries {Own}", $"DELETE FROM webhooks {Own}"],
        [$"UPDATE mr_webhook_deliveries SET workspace = @target {Own}", $"UPDATE webhooks SET workspace = @target {Own}"]);

    private static readonly WorkspaceTable EvaluationDatasets = Plain(
        "evaluation_datasets", "name",
        $"DELETE FROM entity_associations WHERE source_type = 'evaluation_dataset' AND source_id IN (SELECT dataset_id FROM evaluation_datasets {Own})");

    // Only MLflow's own server writes these.
    private static readonly WorkspaceTable[] Others =
    [
        Plain("secrets", "secret_name"),
        Plain("endpoints", "name"),
        Plain("model_definitions", "name"),
        Plain("budget_policies", null),
        Plain("guardrails", "name"),
        Plain("jobs", null),
    ];

    /// <summary>Those in the registry's database.</summary>
    public static readonly IReadOnlyList<WorkspaceTable> Registry = [Models, Webhooks];

    /// <summary>Those in the tracking database.</summary>
    public static readonly IReadOnlyList<WorkspaceTable> Tracking = [ExperimentTable, EvaluationDatasets, .. Others];

    /// <summary>Those of one database for both.</summary>
    public static readonly IReadOnlyList<WorkspaceTable> All = [Models, ExperimentTable, EvaluationDatasets, Webhooks, .. Others];

    private static WorkspaceTable Plain(string name, string? label, params IReadOnlyList<string> children) =>
        new(name, label, [.. children, $"DELETE FROM {name} {Own}"], [$"UPDATE {name} SET workspace = @target {Own}"]);
}
