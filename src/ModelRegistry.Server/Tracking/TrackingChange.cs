using System.Globalization;
using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Tracking.Experiments;
using ModelRegistry.Server.Tracking.LoggedModels;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Tracking;

/// <summary>The changes of experiments, runs and logged models that are written down.</summary>
internal sealed record TrackingChange : RowChange
{
    private const string ExperimentKind = "experiment";
    private const string RunKind = "run";
    private const string LoggedModelKind = "logged_model";
    private const string RunStage = """SELECT 'lifecycle' AS part, NULL AS "key", lifecycle_stage AS value FROM runs WHERE run_uuid = @id""";

    public override string ChainIn(Workspace workspace) => $"{Kind}/{workspace.Name}/{Resource}";

    /// <param name="id">Not known before it is there; the body names the change again then.</param>
    public static TrackingChange ExperimentCreated(string name, IEnumerable<KeyValuePair<string, string>> tags, long? id = null) =>
        Created("experiment.create", ExperimentKind, id is { } known ? Text(known) : "") with
        {
            MayReuseId = true,
            Facts = _ => [new("lifecycle", null, Lifecycle.Active), new("name", null, name), .. tags.Select(tag => new Fact($"tag:{tag.Key}", null, tag.Value))],
        };

    public static TrackingChange ExperimentRenamed(long id, string name) => OfExperiment("experiment.rename", id) with
    {
        Before = """SELECT 'name' AS part, NULL AS "key", name AS value FROM experiments WHERE experiment_id = @id""",
        Facts = before => [new("name", Find(before, "name"), name)],
    };

    public static TrackingChange ExperimentDeleted(long id) => OfExperiment("experiment.delete", id) with
    {
        Facts = _ => [new("lifecycle", Lifecycle.Active, Lifecycle.Deleted)],
    };

    public static TrackingChange ExperimentRestored(long id) => OfExperiment("experiment.restore", id) with
    {
        Facts = _ => [new("lifecycle", Lifecycle.Deleted, Lifecycle.Active)],
    };

    public static TrackingChange ExperimentTagSet(long id, string key, string value) => OfExperimentTag("experiment_tag.set", id, key, value);

    public static TrackingChange ExperimentTagDeleted(long id, string key) => OfExperimentTag("experiment_tag.delete", id, key, null);

    /// <summary>In the chain of their experiment: one row, however many go.</summary>
    /// <param name="count">Not known before they are found; the body names the change again then.</param>
    public static TrackingChange TracesDeleted(string experimentId, int count = 0) => OfExperiment("trace.delete", ExperimentRules.ParseId(experimentId)) with
    {
        Facts = _ => [new("traces", Text(count), null)],
    };

    /// <inheritdoc cref="ExperimentCreated"/>
    public static TrackingChange RunCreated(NewRun run, string id = "") => Created("run.create", RunKind, id) with
    {
        Facts = _ =>
        [
            new("lifecycle", null, Lifecycle.Active), new("experiment", null, Text(run.ExperimentId)), new("name", null, run.Name),
            new("status", null, RunStatus.Running.Stored()),
        ],
    };

    /// <summary>null leaves a value as it is.</summary>
    public static TrackingChange RunUpdated(string id, string? status, string? name) => OfRun("run.update", id) with
    {
        Before =
            """
            SELECT 'status' AS part, NULL AS "key", status AS value FROM runs WHERE run_uuid = @id
            UNION ALL
            SELECT 'name', NULL, name FROM runs WHERE run_uuid = @id
            """,
        Facts = before =>
        [
            new("status", Find(before, "status"), status ?? Find(before, "status")),
            new("name", Find(before, "name"), string.IsNullOrEmpty(name) ? Find(before, "name") : name),
        ],
    };

    public static TrackingChange RunDeleted(string id) => OfRun("run.delete", id) with
    {
        Before = RunStage,
        Facts = before => [new("lifecycle", Find(before, "lifecycle"), Lifecycle.Deleted)],
    };

    public static TrackingChange RunRestored(string id) => OfRun("run.restore", id) with
    {
        Before = RunStage,
        Facts = before => [new("lifecycle", Find(before, "lifecycle"), Lifecycle.Active)],
    };

    /// <inheritdoc cref="ExperimentCreated"/>
    public static TrackingChange LoggedModelCreated(NewLoggedModel model, string id = "") => Created("logged_model.create", LoggedModelKind, id) with
    {
        Facts = _ => [new("lifecycle", null, Lifecycle.Active), new("experiment", null, Text(model.ExperimentId))],
    };

    public static TrackingChange LoggedModelStatusSet(string id, LoggedModelStatus status) => OfLoggedModel("logged_model.update", id) with
    {
        Before = """SELECT 'status' AS part, NULL AS "key", CAST(status AS CHAR) AS value FROM logged_models WHERE model_id = @id""",
        Facts = before => [new("status", Find(before, "status"), Text((long)status))],
    };

    public static TrackingChange LoggedModelDeleted(string id) => OfLoggedModel("logged_model.delete", id) with
    {
        Before = """SELECT 'lifecycle' AS part, NULL AS "key", lifecycle_stage AS value FROM logged_models WHERE model_id = @id""",
        Facts = before => [new("lifecycle", Find(before, "lifecycle"), Lifecycle.Deleted)],
    };

    private static TrackingChange OfExperimentTag(string action, long id, string key, string? value) => OfExperiment(action, id) with
    {
        Before = """SELECT 'tag' AS part, "key", value FROM experiment_tags WHERE experiment_id = @id AND "key" = @key""",
        Values = [("id", id), ("key", key)],
        Facts = before => [new($"tag:{key}", Find(before, "tag"), value)],
    };

    private static TrackingChange Created(string action, string kind, string id) => new() { Action = action, Kind = kind, Resource = id, Facts = static _ => [] };

    private static TrackingChange OfExperiment(string action, long id) => Created(action, ExperimentKind, Text(id)) with
    {
        Row = "SELECT name FROM experiments WHERE experiment_id = @id",
        Values = [("id", id)],
    };

    private static TrackingChange OfRun(string action, string id) => Created(action, RunKind, id) with
    {
        Row = "SELECT run_uuid FROM runs WHERE run_uuid = @id",
        Values = [("id", id)],
    };

    private static TrackingChange OfLoggedModel(string action, string id) => Created(action, LoggedModelKind, id) with
    {
        Row = "SELECT model_id FROM logged_models WHERE model_id = @id",
        Values = [("id", id)],
    };

    private static string? Find(IReadOnlyList<FactRow> before, string part) => before.FirstOrDefault(row => row.Part == part)?.Value;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
