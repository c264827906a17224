using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Rows of <c>scorers</c> and <c>scorer_versions</c>.</summary>
internal sealed class ScorerStore(TrackingDatabase database, TrackingWriter writer, TimeProvider time)
{
    private const string Select =
        """
        SELECT s.experiment_id, s.scorer_name, s.scorer_id, v.scorer_version, v.serialized_scorer, v.creation_time
        FROM scorers s JOIN scorer_versions v ON v.scorer_id = s.scorer_id
        """;

    /// <summary>Adds the next version of a scorer, and the scorer with its first one.</summary>
    public Task<ScorerVersionRow> RegisterAsync(
        Caller caller, string experimentId, string name, string serialized, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var experiment = (await ExperimentLocator.GetActiveAsync(scope, caller.Workspace, experimentId)).ExperimentId;
                await scope.InsertAsync(
                    "scorers",
                    ["experiment_id", "scorer_name", "scorer_id"],
                    [[experiment, name, Guid.NewGuid().ToString()]],
                    scope.Dialect.OnConflictNothing("experiment_id, scorer_name"));
                var id = await FindIdAsync(scope, experiment, name, scope.Dialect.ForUpdate)
                    ?? throw ApiException.AlreadyExists($"A scorer whose name differs from '{name}' in case alone exists already.");
                var last = await scope.FindAsync<long?>("SELECT MAX(scorer_version) FROM scorer_versions WHERE scorer_id = @id", new { id });
                var row = new ScorerVersionRow
                {
                    ExperimentId = experiment,
                    ScorerName = name,
                    ScorerId = id,
                    ScorerVersion = (last ?? 0) + 1,
                    SerializedScorer = serialized,
                    CreationTime = time.GetUtcNow().ToUnixTimeMilliseconds(),
                };
                await scope.InsertAsync(
                    "scorer_versions",
                    ["scorer_id", "scorer_version", "serialized_scorer", "creation_time"],
                    [[row.ScorerId, row.ScorerVersion, row.SerializedScorer, row.CreationTime]]);
                return row;
            },
            cancellationToken);

    /// <summary>The last version of each scorer of the experiment, by name.</summary>
    public Task<List<ScorerVersionRow>> ListAsync(Workspace workspace, string experimentId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope =>
            {
                var experiment = (await ExperimentLocator.GetActiveAsync(scope, workspace, experimentId)).ExperimentId;
                return await scope.QueryAsync<ScorerVersionRow>(
                    $"""
                    {Select}
                    JOIN (
                        SELECT o.scorer_id, MAX(o.scorer_version) AS scorer_version
                        FROM scorer_versions o JOIN scorers t ON t.scorer_id = o.scorer_id
                        WHERE t.experiment_id = @experiment
                        GROUP BY o.scorer_id
                    ) l ON l.scorer_id = v.scorer_id AND l.scorer_version = v.scorer_version
                    ORDER BY s.scorer_name
                    """,
                    new { experiment });
            },
            cancellationToken);

    public Task<List<ScorerVersionRow>> ListVersionsAsync(
        Workspace workspace, string experimentId, string name, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope =>
            {
                var experiment = (await ExperimentLocator.GetActiveAsync(scope, workspace, experimentId)).ExperimentId;
                var rows = await scope.QueryAsync<ScorerVersionRow>(
                    $"{Select} WHERE {IsNamed(scope)} ORDER BY v.scorer_version", new { experiment, name });
                return rows.Count > 0 ? rows : throw NotFound(experimentId, name, null);
            },
            cancellationToken);

    /// <param name="version">null for the last one.</param>
    public Task<ScorerVersionRow> GetAsync(
        Workspace workspace, string experimentId, string name, int? version, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope =>
            {
                var experiment = (await ExperimentLocator.GetActiveAsync(scope, workspace, experimentId)).ExperimentId;
                var row = await scope.FindAsync<ScorerVersionRow>(
                    $"""
                    {Select}
                    WHERE {IsNamed(scope)}{(version is null ? "" : " AND v.scorer_version = @version")}
                    ORDER BY v.scorer_version DESC
                    LIMIT 1
                    """,
                    new { experiment, name, version });
                return row ?? throw await NotFoundAsync(scope, experiment, experimentId, name, version);
            },
            cancellationToken);

    /// <summary>Deletes one version, and all of them with the scorer itself when none is named.</summary>
    public Task DeleteAsync(Caller caller, string experimentId, string name, int? version, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var experiment = (await ExperimentLocator.GetActiveAsync(scope, caller.Workspace, experimentId)).ExperimentId;
                var id = await FindIdAsync(scope, experiment, name, scope.Dialect.ForUpdate) ?? throw NotFound(experimentId, name, null);
                var deleted = await scope.ExecuteAsync(
                    $"DELETE FROM scorer_versions WHERE scorer_id = @id{(version is null ? "" : " AND scorer_version = @version")}", new { id, version });
                if (deleted == 0)
                    throw NotFound(experimentId, name, version);
                if (version is not null)
                    return;
                await scope.ExecuteAsync("DELETE FROM endpoint_bindings WHERE resource_type = 'scorer' AND resource_id = @id", new { id });
                await scope.ExecuteAsync("DELETE FROM scorers WHERE scorer_id = @id", new { id });
            },
            cancellationToken);

    internal static Task<string?> FindIdAsync(SqlScope scope, long experiment, string name, string tail = "") =>
        scope.FindAsync<string>($"SELECT s.scorer_id FROM scorers s WHERE {IsNamed(scope)} {tail}", new { experiment, name });

    internal static ApiException NotFound(string experimentId, string name, int? version) =>
        ApiException.NotFound($"Scorer with name '{name}'{(version is null ? "" : $" and version {version}")} not found for experiment {experimentId}.");

    private static string IsNamed(SqlScope scope) => $"s.experiment_id = @experiment AND {scope.Dialect.TextEquals("s.scorer_name", "@name")}";

    /// <summary>Says that the version is missing only where the scorer is there.</summary>
    private static async Task<ApiException> NotFoundAsync(SqlScope scope, long experiment, string experimentId, string name, int? version) =>
        NotFound(experimentId, name, await FindIdAsync(scope, experiment, name) is null ? null : version);
}

/// <summary>A version of a scorer with the scorer it belongs to.</summary>
internal sealed record ScorerVersionRow
{
    public long ExperimentId { get; init; }

    public required string ScorerName { get; init; }

    public required string ScorerId { get; init; }

    public long ScorerVersion { get; init; }

    public required string SerializedScorer { get; init; }

    public long? CreationTime { get; init; }
}
