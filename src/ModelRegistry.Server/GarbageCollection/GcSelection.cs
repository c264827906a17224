using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>Checks, before anything is deleted, that what was named by its id can be; the sentences are those of <c>mlflow gc</c>.</summary>
internal static class GcSelection
{
    /// <param name="before">The time, in milliseconds, at which they have to have been deleted.</param>
    /// <exception cref="StartupException">Something cannot be deleted.</exception>
    public static Task CheckAsync(Database tracking, GcRequest request, long before, CancellationToken cancellationToken) =>
        tracking.ReadAsync(
            async scope =>
            {
                await CheckExperimentsAsync(scope, request, before);
                await CheckAsync(
                    scope, request, before, request.RunIds, "run", "Run", id => $"Run with id={id} not found",
                    "SELECT r.run_uuid AS id, r.lifecycle_stage AS stage, r.deleted_time AS time FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id WHERE r.run_uuid IN @ids");
                await CheckAsync(
                    scope, request, before, request.LoggedModelIds, "logged model", "Logged model", id => $"Logged model with ID '{id}' not found.",
                    "SELECT m.model_id AS id, m.lifecycle_stage AS stage, m.last_updated_timestamp_ms AS time FROM logged_models m JOIN experiments e ON e.experiment_id = m.experiment_id WHERE m.model_id IN @ids");
                return true;
            },
            cancellationToken);

    private static async Task CheckExperimentsAsync(SqlScope scope, GcRequest request, long before)
    {
        if (request.ExperimentIds is not { } ids)
            return;
        var rows = await RowsAsync(
            scope, request, ExperimentPurge.Numbers(request),
            "SELECT CAST(e.experiment_id AS CHAR) AS id, e.lifecycle_stage AS stage, e.last_update_time AS time FROM experiments e WHERE e.experiment_id IN @ids");
        if (ids.FirstOrDefault(id => !rows.ContainsKey(id)) is { } missing && request.Workspace is not null)
            throw new StartupException($"No Experiment with id={missing} exists");
        if (Those(rows, row => row.Stage != "deleted") is { Length: > 0 } live)
        {
            throw new StartupException(
                $"Experiments [{live}] are not in the deleted lifecycle stage. Only experiments in the deleted lifecycle stage can be hard-deleted.");
        }

        if (request.OlderThan is { } age && Those(rows, row => row.Time is null || row.Time >= before) is { Length: > 0 } young)
        {
            throw new StartupException(
                $"Experiments [{young}] are not older than the required age. Only experiments older than {age.Text} can be deleted.");
        }
    }

    private static async Task CheckAsync(
        SqlScope scope, GcRequest request, long before, IReadOnlyList<string>? ids, string plain, string title, Func<string, string> notFound, string sql)
    {
        if (ids is null)
            return;
        var rows = await RowsAsync(scope, request, ids, sql);
        foreach (var id in ids)
        {
            if (!rows.TryGetValue(id, out var row))
            {
                // Of all workspaces together, MLflow's command passes over what one of them does not have.
                if (request.Workspace is not null)
                    throw new StartupException(notFound(id));
                continue;
            }

            if (row.Stage != "deleted")
                throw new StartupException($"{title} {id} is not in `deleted` lifecycle stage. Only {plain}s in `deleted` lifecycle stage can be deleted.");
            if (request.OlderThan is { } age && !(row.Time <= before))
                throw new StartupException($"{title} {id} is not older than the required age. Only {plain}s older than {age.Text} can be deleted.");
        }
    }

    private static async Task<Dictionary<string, Row>> RowsAsync<TId>(SqlScope scope, GcRequest request, IReadOnlyList<TId> ids, string sql)
    {
        var rows = await scope.QueryAsync<Row>(
            sql + (request.Workspace is null ? "" : " AND e.workspace = @workspace"), new { ids, workspace = request.Workspace });
        return rows.ToDictionary(row => row.Id);
    }

    private static string Those(Dictionary<string, Row> rows, Func<Row, bool> condition) =>
        string.Join(", ", rows.Values.Where(condition).Select(row => PythonText.Repr(row.Id)));

    private sealed record Row
    {
        public required string Id { get; init; }

        public string? Stage { get; init; }

        public long? Time { get; init; }
    }
}
