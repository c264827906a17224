using ModelRegistry.Server.Data;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Tracking.Metrics;

/// <summary>Reads rows of <c>metrics</c>. Runs outside the caller's workspace have none, as have unknown ones.</summary>
internal sealed class MetricHistoryStore(TrackingDatabase database)
{
    private const int MaxPointsPerRun = 25_000;
    private const string Order = "m.timestamp, m.step, m.value, m.is_nan";
    private const string Columns = "m.run_uuid, m.\"key\", m.value, m.timestamp, m.step, m.is_nan";

    /// <summary>The points of one metric of some runs.</summary>
    /// <remarks>
    /// Run after run, by the index of run, key and step: CROSS JOIN and the bound of the step keep SQLite from the primary key, which begins with the
    /// key, and with it from the points of all runs. An order by run and time would draw it there again: the plus sign says that no index has it.
    /// </remarks>
    private const string Points =
        """
        FROM runs r
        CROSS JOIN experiments e ON e.experiment_id = r.experiment_id
        CROSS JOIN metrics m ON m.run_uuid = r.run_uuid
        WHERE r.run_uuid IN @runIds AND e.workspace = @workspace AND m.step >= @start AND
        """;

    /// <summary>Points of one run in order of time, step and value, and the token of the next page, if there is one.</summary>
    public Task<MetricHistoryPage> ListAsync(
        Workspace workspace, string runId, string key, PageStart page, int limit, CancellationToken cancellationToken)
    {
        var place = page.Order == Order && page.Row.Count == 4 ? page.Row : null;
        var values = new
        {
            runIds = new[] { runId }, workspace = workspace.Name, key, start = long.MinValue, take = limit + 1L, skip = place is null ? page.Offset : 0,
            time = place?[0], step = place?[1], value = place?[2], isNan = place?[3],
        };
        return database.ReadAsync(
            async scope =>
            {
                // The first comparison finds the place in an index, which databases do not see in the second.
                var points = await scope.QueryAsync<LatestMetricRow>(
                    $"""
                    SELECT {Columns} {Points} {KeyEquals(scope)}
                    {(place is null ? "" : $"AND m.timestamp >= @time AND ({Order}) > (@time, @step, @value, @isNan)")}
                    ORDER BY {Order}
                    LIMIT @take OFFSET @skip
                    """,
                    values);
                var token = PageToken.Cut(points, limit, page, Order, PlaceOf);
                return new MetricHistoryPage(points, token);
            },
            cancellationToken);
    }

    /// <summary>Points of many runs, run after run in order of their ids, <paramref name="limit"/> in all.</summary>
    public Task<List<LatestMetricRow>> ListBulkAsync(
        Workspace workspace, IReadOnlyCollection<string> runIds, string key, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.QueryAsync<LatestMetricRow>(
                $"""
                SELECT {Columns} {Points} {KeyEquals(scope)}
                ORDER BY r.run_uuid, +m.timestamp, m.step, m.value
                LIMIT @limit
                """,
                new { runIds, workspace = workspace.Name, key, limit, start = long.MinValue }),
            cancellationToken);

    /// <summary>The points at a sample of steps, run after run in the order asked for, then by step, time and value.</summary>
    public Task<List<LatestMetricRow>> SampleAsync(
        Workspace workspace, IReadOnlyCollection<string> runIds, string key, MetricSampling sampling, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope =>
            {
                var steps = await PickStepsAsync(scope, workspace, runIds, key, sampling);
                var points = new List<LatestMetricRow>();
                foreach (var chunk in steps.Chunk(IdChunks.Size))
                {
                    var limit = MaxPointsPerRun * runIds.Count;
                    points.AddRange(await PointsAtAsync(scope, new { runIds, workspace = workspace.Name, key, start = sampling.Start, steps = chunk, limit }));
                }

                var byRun = points.ToLookup(point => point.RunUuid);
                return runIds.SelectMany(id => byRun[id].Take(MaxPointsPerRun)).ToList();
            },
            cancellationToken);

    private static object?[] PlaceOf(LatestMetricRow point) => [point.Timestamp, point.Step, point.Value, point.IsNan ? 1 : 0];

    private static async Task<SortedSet<long>> PickStepsAsync(
        SqlScope scope, Workspace workspace, IReadOnlyCollection<string> runIds, string key, MetricSampling sampling)
    {
        var steps = await scope.QueryAsync<long>(
            $"""
            SELECT DISTINCT m.step {Points} {KeyEquals(scope)} AND m.step <= @end
            ORDER BY m.step
            """,
            new { runIds, workspace = workspace.Name, key, start = sampling.Start, end = sampling.End });
        var ends = await scope.QueryAsync<EndsRow>(
            $"SELECT MIN(m.step) AS first_step, MAX(m.step) AS last_step {Points} {KeyEquals(scope)} GROUP BY m.run_uuid",
            new { runIds, workspace = workspace.Name, key, start = long.MinValue });
        return sampling.Pick(steps, ends.SelectMany(row => (long[])[row.FirstStep, row.LastStep]));
    }

    private static Task<List<LatestMetricRow>> PointsAtAsync(SqlScope scope, object source) =>
        scope.QueryAsync<LatestMetricRow>(
            $"""
            SELECT {Columns} {Points} {KeyEquals(scope)} AND m.step IN @steps
            ORDER BY m.step, m.timestamp, m.value
            LIMIT @limit
            """,
            source);

    private static string KeyEquals(SqlScope scope) => scope.Dialect.TextEquals("m.\"key\"", "@key");

    private sealed record EndsRow
    {
        public long FirstStep { get; init; }

        public long LastStep { get; init; }
    }
}

/// <param name="NextPageToken">null on the last page.</param>
internal sealed record MetricHistoryPage(List<LatestMetricRow> Points, string? NextPageToken);
