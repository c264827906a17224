using ModelRegistry.Server.Data;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Tracking;

/// <summary>Reads rows of <c>metrics</c>. Runs outside the caller's workspace have none, as have unknown ones.</summary>
internal sealed class MetricHistoryStore(Database database)
{
    private const int MaxPointsPerRun = 25_000;
    private const int MaxStepsPerStatement = 500;
    private const string Columns = "run_uuid, \"key\", value, timestamp, step, is_nan";

    private const string OwnRuns =
        """
        run_uuid IN (
            SELECT r.run_uuid FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id
            WHERE r.run_uuid IN @runIds AND e.workspace = @workspace)
        """;

    /// <summary>Points of one run in order of time, step and value.</summary>
    public Task<List<LatestMetricRow>> ListAsync(
        RequestContext context, string runId, string key, long offset, long limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.QueryAsync<LatestMetricRow>(
                $"""
                SELECT {Columns} FROM metrics
                WHERE {OwnRuns} AND {KeyEquals(scope)}
                ORDER BY timestamp, step, value
                LIMIT @limit OFFSET @offset
                """,
                new { runIds = new[] { runId }, workspace = context.Workspace, key, offset, limit }),
            cancellationToken);

    /// <summary>Points of many runs, run after run in order of their ids, <paramref name="limit"/> in all.</summary>
    public Task<List<LatestMetricRow>> ListBulkAsync(
        RequestContext context, IReadOnlyCollection<string> runIds, string key, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.QueryAsync<LatestMetricRow>(
                $"""
                SELECT {Columns} FROM metrics
                WHERE {OwnRuns} AND {KeyEquals(scope)}
                ORDER BY run_uuid, timestamp, step, value
                LIMIT @limit
                """,
                new { runIds, workspace = context.Workspace, key, limit }),
            cancellationToken);

    /// <summary>The points at a sample of steps, run after run in the order asked for, then by step, time and value.</summary>
    public Task<List<LatestMetricRow>> SampleAsync(
        RequestContext context, IReadOnlyCollection<string> runIds, string key, MetricSampling sampling, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope =>
            {
                var steps = await PickStepsAsync(
                    scope, sampling, new { runIds, workspace = context.Workspace, key, start = sampling.Start, end = sampling.End });
                var points = new List<LatestMetricRow>();
                foreach (var chunk in steps.Chunk(MaxStepsPerStatement))
                {
                    var limit = MaxPointsPerRun * runIds.Count;
                    points.AddRange(await PointsAtAsync(scope, new { runIds, workspace = context.Workspace, key, steps = chunk, limit }));
                }

                var byRun = points.ToLookup(point => point.RunUuid);
                return runIds.SelectMany(id => byRun[id].Take(MaxPointsPerRun)).ToList();
            },
            cancellationToken);

    private static async Task<SortedSet<long>> PickStepsAsync(SqlScope scope, MetricSampling sampling, object source)
    {
        var steps = await scope.QueryAsync<long>(
            $"""
            SELECT DISTINCT step FROM metrics
            WHERE {OwnRuns} AND {KeyEquals(scope)} AND step >= @start AND step <= @end
            ORDER BY step
            """,
            source);
        var ends = await scope.QueryAsync<EndsRow>(
            $"SELECT MIN(step) AS first_step, MAX(step) AS last_step FROM metrics WHERE {OwnRuns} AND {KeyEquals(scope)} GROUP BY run_uuid", source);
        return sampling.Pick(steps, ends.SelectMany(row => (long[])[row.FirstStep, row.LastStep]));
    }

    private static Task<List<LatestMetricRow>> PointsAtAsync(SqlScope scope, object source) =>
        scope.QueryAsync<LatestMetricRow>(
            $"""
            SELECT {Columns} FROM metrics
            WHERE {OwnRuns} AND {KeyEquals(scope)} AND step IN @steps
            ORDER BY step, timestamp, value
            LIMIT @limit
            """,
            source);

    private static string KeyEquals(SqlScope scope) => scope.Dialect.TextEquals("\"key\"", "@key");

    private sealed record EndsRow
    {
        public long FirstStep { get; init; }

        public long LastStep { get; init; }
    }
}
