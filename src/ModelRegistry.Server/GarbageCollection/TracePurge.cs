using System.Runtime.CompilerServices;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>All traces of experiments that are being deleted for good. MLflow's own command fails on an experiment that has any.</summary>
internal sealed class TracePurge(Database database, IReadOnlyCollection<long> experiments) : Purgeable(database)
{
    public override string Kind => GarbageCollection.Kind.Trace;

    public override Task<long> CountAsync(CancellationToken cancellationToken) =>
        Database.ReadAsync(scope => scope.FindAsync<long>("SELECT COUNT(*) FROM trace_info WHERE experiment_id IN @experiments", new { experiments }), cancellationToken);

    public override async IAsyncEnumerable<List<Candidate>> PagesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var experiment in experiments)
        {
            await foreach (var page in PagesAsync(experiment, cancellationToken))
                yield return page;
        }
    }

    private IAsyncEnumerable<List<Candidate>> PagesAsync(long experiment, CancellationToken cancellationToken) =>
        FollowAsync<CandidateRow>(
            (last, limit) => Database.ReadAsync(
                scope => scope.QueryAsync<CandidateRow>(
                    """
                    SELECT t.request_id AS id, t.timestamp_ms AS position, g.value AS location, e.workspace
                    FROM trace_info t
                    JOIN experiments e ON e.experiment_id = t.experiment_id
                    LEFT JOIN trace_tags g ON g.request_id = t.request_id AND g."key" = 'mlflow.artifactLocation'
                    WHERE t.experiment_id = @experiment AND t.timestamp_ms >= @time AND (t.timestamp_ms > @time OR t.request_id > @after)
                    ORDER BY t.timestamp_ms, t.request_id LIMIT @limit
                    """,
                    new { experiment, time = last?.Position ?? long.MinValue, after = last?.Id ?? "", limit }),
                cancellationToken),
            row => row.As(Kind));

    public override Task<IReadOnlyCollection<string>> ClaimAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Task.FromResult(ids);

    public override Task DeleteAsync(IReadOnlyCollection<Candidate> gone, CancellationToken cancellationToken) =>
        Database.WriteAsync(
            async scope =>
            {
                List<string> ids = [.. gone.Select(candidate => candidate.Id)];
                await scope.ExecuteAsync("DELETE FROM entity_associations WHERE source_type = 'trace' AND source_id IN @ids", new { ids });
                await scope.ExecuteAsync("DELETE FROM trace_info WHERE request_id IN @ids", new { ids }); // With all rows that belong to them.
            },
            cancellationToken);
}
