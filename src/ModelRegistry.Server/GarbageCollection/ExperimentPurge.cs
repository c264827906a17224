using System.Globalization;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>Deleted experiments. They go when nothing is left in them, after their runs, logged models and traces.</summary>
/// <param name="before">The last change has to be earlier than this time, in milliseconds.</param>
internal sealed class ExperimentPurge(Database database, GcRequest request, long before, TimeProvider time)
{
    private const string IsEmpty =
        """
        NOT EXISTS (SELECT 1 FROM runs r WHERE r.experiment_id = e.experiment_id)
        AND NOT EXISTS (SELECT 1 FROM logged_models m WHERE m.experiment_id = e.experiment_id)
        AND NOT EXISTS (SELECT 1 FROM trace_info t WHERE t.experiment_id = e.experiment_id)
        """;

    private static readonly string[] Deletes =
    [
        "DELETE FROM entity_associations WHERE destination_type = 'experiment' AND destination_id IN @names",
        "DELETE FROM online_scoring_configs WHERE experiment_id IN @ids",
        "DELETE FROM scorers WHERE experiment_id IN @ids",
        "DELETE FROM issues WHERE experiment_id IN @ids",
        "DELETE FROM datasets WHERE experiment_id IN @ids",
        "DELETE FROM experiment_tags WHERE experiment_id IN @ids",
        "DELETE FROM experiments WHERE experiment_id IN @ids",
    ];

    /// <summary>Condition on an experiment <c>e</c>.</summary>
    public static string Eligible(GcRequest request) =>
        "e.lifecycle_stage = 'deleted'"
        + (request.ExperimentIds is null ? "" : " AND e.experiment_id IN @experiments")
        + (request.OlderThan is null ? "" : " AND e.last_update_time < @before");

    /// <summary>The parameter <c>@experiments</c>; what is not a number names no experiment.</summary>
    public static IReadOnlyList<long> Numbers(GcRequest request) =>
        [.. (request.ExperimentIds ?? []).Select(id => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)];

    /// <summary>The next ones.</summary>
    public Task<List<ExperimentCandidate>> PageAsync(long after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.QueryAsync<ExperimentCandidate>(
                $"""
                SELECT e.experiment_id AS id,
                    (SELECT COUNT(*) FROM runs r WHERE r.experiment_id = e.experiment_id) AS runs,
                    (SELECT COUNT(*) FROM runs r WHERE r.experiment_id = e.experiment_id AND r.lifecycle_stage = 'deleted'
                        AND (r.deleted_time IS NULL OR r.deleted_time <= @before)) AS deleted_runs
                FROM experiments e
                WHERE e.experiment_id > @after AND {Eligible(request)} {(request.Workspace is null ? "" : "AND e.workspace = @workspace")}
                ORDER BY e.experiment_id LIMIT @limit
                """,
                new { after, limit, before, workspace = request.Workspace, experiments = Numbers(request) }),
            cancellationToken);

    /// <summary>Takes those that are still deleted and have no runs; they cannot be restored from now on.</summary>
    public Task<List<long>> ClaimAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async scope =>
            {
                var locked = await scope.QueryAsync<long>(
                    $"""
                    SELECT e.experiment_id FROM experiments e
                    WHERE e.experiment_id IN @experiments AND {Eligible(request with { ExperimentIds = [] })}
                    ORDER BY e.experiment_id {scope.Dialect.ForUpdate}
                    """,
                    new { experiments = ids, before });
                var busy = locked.Count == 0
                    ? []
                    : await scope.QueryAsync<long>("SELECT DISTINCT experiment_id FROM runs WHERE experiment_id IN @locked", new { locked });
                List<long> claimed = [.. locked.Except(busy)];
                await PurgeClaims.AddAsync(scope, PurgeClaims.Experiment, claimed.Select(Name), time.GetUtcNow().ToUnixTimeMilliseconds());
                return claimed;
            },
            cancellationToken);

    /// <summary>Deletes those of the claimed ones that nothing is left in.</summary>
    /// <returns>Which.</returns>
    public Task<List<long>> DeleteAsync(IReadOnlyCollection<long> claimed, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async scope =>
            {
                var ids = await scope.QueryAsync<long>($"SELECT e.experiment_id FROM experiments e WHERE e.experiment_id IN @claimed AND {IsEmpty}", new { claimed });
                if (ids.Count == 0)
                    return ids;
                List<string> names = [.. ids.Select(Name)];
                foreach (var statement in Deletes)
                    await scope.ExecuteAsync(statement, new { ids, names });
                await PurgeClaims.RemoveAsync(scope, PurgeClaims.Experiment, names);
                return ids;
            },
            cancellationToken);

    private static string Name(long id) => id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A deleted experiment.</summary>
internal sealed record ExperimentCandidate
{
    public long Id { get; init; }

    public long Runs { get; init; }

    /// <summary>Those that were deleted long enough ago.</summary>
    public long DeletedRuns { get; init; }
}
