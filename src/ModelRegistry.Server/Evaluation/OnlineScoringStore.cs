using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Vocabularies;
using ModelRegistry.Server.Tracking;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Rows of <c>online_scoring_configs</c>.</summary>
internal sealed class OnlineScoringStore(TrackingDatabase database, TrackingWriter writer)
{
    public Task<List<OnlineConfigRow>> ListAsync(Workspace workspace, IReadOnlyList<string> scorerIds, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.QueryInChunksAsync<string, OnlineConfigRow>(
                """
                SELECT c.online_scoring_config_id, c.scorer_id, c.sample_rate, c.experiment_id, c.filter_string
                FROM online_scoring_configs c JOIN experiments e ON e.experiment_id = c.experiment_id
                WHERE c.scorer_id IN @ids AND e.workspace = @workspace
                """,
                scorerIds.Distinct(),
                ids => new { ids, workspace = workspace.Name }),
            cancellationToken);

    /// <summary>Replaces what was set for the scorer.</summary>
    /// <exception cref="ApiException">There is no such scorer, or it cannot be run by a server.</exception>
    public Task<OnlineConfigRow> SetAsync(
        Caller caller, string experimentId, string name, double rate, string? filter, CancellationToken cancellationToken)
    {
        // It is not used here, but a filter that cannot be understood is not stored.
        TraceVocabulary.Bind(filter);
        return writer.WriteUnauditedAsync(
            async scope =>
            {
                var experiment = (await ExperimentLocator.GetActiveAsync(scope, caller.Workspace, experimentId)).ExperimentId;
                var scorer = await ScorerStore.FindIdAsync(scope, experiment, name, scope.Dialect.ForUpdate)
                    ?? throw ScorerStore.NotFound(experimentId, name, null);
                if (rate > 0)
                    await RequireGatewayAsync(scope, scorer, name);
                var row = new OnlineConfigRow
                {
                    OnlineScoringConfigId = $"{Guid.NewGuid():N}", ScorerId = scorer, SampleRate = rate, ExperimentId = experiment, FilterString = filter,
                };
                await scope.ExecuteAsync("DELETE FROM online_scoring_configs WHERE scorer_id = @scorer", new { scorer });
                await scope.InsertAsync(
                    "online_scoring_configs",
                    ["online_scoring_config_id", "scorer_id", "sample_rate", "experiment_id", "filter_string"],
                    [[row.OnlineScoringConfigId, scorer, rate, experiment, filter]]);
                return row;
            },
            cancellationToken);
    }

    private static async Task RequireGatewayAsync(SqlScope scope, string scorer, string name)
    {
        var serialized = await scope.FindAsync<string>(
            "SELECT serialized_scorer FROM scorer_versions WHERE scorer_id = @scorer ORDER BY scorer_version DESC LIMIT 1", new { scorer });
        if (serialized is not null && ScorerContent.GatewayEndpoint(EmbeddedJson.Parse(serialized)) is null)
        {
            throw ApiException.Invalid(
                $"Scorer '{name}' does not use a gateway model. Automatic evaluation is only supported for scorers that use gateway models.");
        }
    }
}

internal sealed record OnlineConfigRow
{
    public required string OnlineScoringConfigId { get; init; }

    public required string ScorerId { get; init; }

    public double SampleRate { get; init; }

    public long ExperimentId { get; init; }

    public string? FilterString { get; init; }
}
