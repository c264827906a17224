using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>Logged models: the deleted ones, or all of experiments that are being deleted for good. They cannot be restored, so nothing is claimed.</summary>
/// <param name="before">Deleted ones have to be so at this time, in milliseconds, or earlier.</param>
/// <param name="experiments">Null for the deleted ones.</param>
internal sealed class LoggedModelPurge(Database database, GcRequest request, long before, IReadOnlyCollection<long>? experiments) : Purgeable(database)
{
    private static readonly string[] Deletes =
    [
        "DELETE FROM input_tags WHERE input_uuid IN (SELECT input_uuid FROM inputs WHERE destination_type IN ('MODEL_INPUT', 'MODEL_OUTPUT') AND destination_id IN @ids)",
        "DELETE FROM inputs WHERE destination_type IN ('MODEL_INPUT', 'MODEL_OUTPUT') AND destination_id IN @ids",
        "DELETE FROM logged_model_params WHERE model_id IN @ids",
        "DELETE FROM logged_model_tags WHERE model_id IN @ids",
        "DELETE FROM logged_models WHERE model_id IN @ids",
    ];

    public override string Kind => GarbageCollection.Kind.LoggedModel;

    public override Task<long> CountAsync(CancellationToken cancellationToken) =>
        Database.ReadAsync(
            scope => scope.FindAsync<long>(
                $"SELECT COUNT(*) FROM logged_models m JOIN experiments e ON e.experiment_id = m.experiment_id WHERE {Eligible}", Parameters("", 0)),
            cancellationToken);

    public override IAsyncEnumerable<List<Candidate>> PagesAsync(CancellationToken cancellationToken) =>
        FollowAsync<CandidateRow>(
            (last, limit) => Database.ReadAsync(
                scope => scope.QueryAsync<CandidateRow>(
                    $"""
                    SELECT m.model_id AS id, m.artifact_location AS location, e.workspace
                    FROM logged_models m JOIN experiments e ON e.experiment_id = m.experiment_id
                    WHERE m.model_id > @after AND {Eligible}
                    ORDER BY m.model_id LIMIT @limit
                    """,
                    Parameters(last?.Id ?? "", limit)),
                cancellationToken),
            row => row.As(Kind));

    public override Task<IReadOnlyCollection<string>> ClaimAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Task.FromResult(ids);

    public override async Task DeleteAsync(IReadOnlyCollection<Candidate> gone, CancellationToken cancellationToken)
    {
        List<string> ids = [.. gone.Select(candidate => candidate.Id)];
        await DeleteBulkAsync("logged_model_metrics", "model_id IN @ids", new { ids }, cancellationToken);
        await Database.WriteAsync(
            async scope =>
            {
                foreach (var statement in Deletes)
                    await scope.ExecuteAsync(statement, new { ids });
            },
            cancellationToken);
    }

    private string Eligible => experiments is not null
        ? "m.experiment_id IN @experiments"
        : "m.lifecycle_stage = 'deleted' AND m.last_updated_timestamp_ms <= @before"
            + (request.LoggedModelIds is null ? "" : " AND m.model_id IN @models")
            + (request.Workspace is null ? "" : " AND e.workspace = @workspace");

    private object Parameters(string after, int limit) =>
        new { after, limit, before, workspace = request.Workspace, models = request.LoggedModelIds ?? [], experiments = experiments ?? [] };
}
