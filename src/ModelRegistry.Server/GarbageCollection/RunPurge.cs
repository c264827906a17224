using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>Deleted runs, with all that is recorded of them. Edges to datasets, models and traces, which MLflow leaves behind, go as well.</summary>
/// <param name="before">They have to be deleted at this time, in milliseconds, or earlier.</param>
internal sealed class RunPurge(Database database, GcRequest request, long before, TimeProvider time) : Purgeable(database)
{
    private static readonly string[] Deletes =
    [
        """
        DELETE FROM input_tags WHERE input_uuid IN (
            SELECT input_uuid FROM inputs WHERE destination_type = 'RUN' AND destination_id IN @ids
            UNION ALL SELECT input_uuid FROM inputs WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id IN @ids)
        """,
        "DELETE FROM inputs WHERE destination_type = 'RUN' AND destination_id IN @ids",
        "DELETE FROM inputs WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id IN @ids",
        "DELETE FROM entity_associations WHERE destination_type = 'run' AND destination_id IN @ids",
        "DELETE FROM latest_metrics WHERE run_uuid IN @ids",
        "DELETE FROM params WHERE run_uuid IN @ids",
        "DELETE FROM tags WHERE run_uuid IN @ids",
        "UPDATE issues SET source_run_id = NULL WHERE source_run_id IN @ids",
        "DELETE FROM runs WHERE run_uuid IN @ids",
    ];

    public override string Kind => GarbageCollection.Kind.Run;

    public override Task<long> CountAsync(CancellationToken cancellationToken) =>
        Database.ReadAsync(
            scope => scope.FindAsync<long>($"SELECT COUNT(*) FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id WHERE {Eligible}", Parameters("", 0)),
            cancellationToken);

    public override IAsyncEnumerable<List<Candidate>> PagesAsync(CancellationToken cancellationToken) =>
        FollowAsync<CandidateRow>(
            (last, limit) => Database.ReadAsync(
                scope => scope.QueryAsync<CandidateRow>(
                    $"""
                    SELECT r.run_uuid AS id, r.artifact_uri AS location, e.workspace
                    FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id
                    WHERE r.run_uuid > @after AND {Eligible}
                    ORDER BY r.run_uuid LIMIT @limit
                    """,
                    Parameters(last?.Id ?? "", limit)),
                cancellationToken),
            row => row.As(Kind));

    public override Task<IReadOnlyCollection<string>> ClaimAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Database.WriteAsync<IReadOnlyCollection<string>>(
            async scope =>
            {
                var found = await scope.QueryAsync<string>(
                    $"""
                    SELECT run_uuid FROM runs
                    WHERE run_uuid IN @ids AND lifecycle_stage = 'deleted' AND (deleted_time IS NULL OR deleted_time <= @before)
                    ORDER BY run_uuid {scope.Dialect.ForUpdate}
                    """,
                    new { ids, before });
                await PurgeClaims.AddAsync(scope, PurgeClaims.Run, found, time.GetUtcNow().ToUnixTimeMilliseconds());
                return found;
            },
            cancellationToken);

    public override async Task DeleteAsync(IReadOnlyCollection<Candidate> gone, CancellationToken cancellationToken)
    {
        List<string> ids = [.. gone.Select(candidate => candidate.Id)];
        await DeleteBulkAsync("metrics", "run_uuid IN @ids", new { ids }, cancellationToken);
        await DeleteBulkAsync("logged_model_metrics", "run_id IN @ids", new { ids }, cancellationToken);
        await Database.WriteAsync(
            async scope =>
            {
                foreach (var statement in Deletes)
                    await scope.ExecuteAsync(statement, new { ids });
                await PurgeClaims.RemoveAsync(scope, PurgeClaims.Run, ids);
            },
            cancellationToken);
    }

    /// <summary>Runs that were deleted before MLflow wrote down when go with their experiment alone, as they do there.</summary>
    private string Eligible =>
        $"r.lifecycle_stage = 'deleted' AND (r.deleted_time <= @before OR (r.deleted_time IS NULL AND {Experiments}))"
        + (request.RunIds is null ? "" : $" AND (r.run_uuid IN @runs OR {Experiments})")
        + (request.Workspace is null ? "" : " AND e.workspace = @workspace");

    private string Experiments => ExperimentPurge.Eligible(request);

    private object Parameters(string after, int limit) =>
        new { after, limit, before, workspace = request.Workspace, runs = request.RunIds ?? [], experiments = ExperimentPurge.Numbers(request) };
}
