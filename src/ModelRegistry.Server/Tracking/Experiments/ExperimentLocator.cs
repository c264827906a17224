using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Tracking.Experiments;

/// <summary>The narrow door through which other areas learn where an experiment keeps its artifacts.</summary>
internal static class ExperimentLocator
{
    /// <summary>The experiment, deleted or not, on the connection of the caller's unit of work.</summary>
    /// <exception cref="ApiException">There is no such experiment in the caller's workspace, or the id is no number.</exception>
    public static async Task<ExperimentLocation> GetAsync(SqlScope scope, Workspace workspace, string experimentId)
    {
        var id = ExperimentRules.ParseId(experimentId);
        var row = await ExperimentStore.FindAsync(scope, workspace, id) ?? throw ExperimentRules.NotFound(id);
        return new ExperimentLocation(row.ExperimentId, row.ArtifactLocation ?? "");
    }

    /// <inheritdoc cref="GetAsync"/>
    /// <exception cref="ApiException">As above, or the experiment is deleted.</exception>
    public static async Task<ExperimentLocation> GetActiveAsync(SqlScope scope, Workspace workspace, string experimentId)
    {
        var id = ExperimentRules.ParseId(experimentId);
        var row = await ExperimentStore.FindAsync(scope, workspace, id) ?? throw ExperimentRules.NotFound(id);
        ExperimentRules.CheckActive(row);
        return new ExperimentLocation(row.ExperimentId, row.ArtifactLocation ?? "");
    }

    /// <summary>Those of the experiments that are in the caller's workspace.</summary>
    public static Task<List<long>> VisibleAsync(SqlScope scope, Workspace workspace, IReadOnlyCollection<string> experimentIds) =>
        VisibleAsync(scope, workspace, [.. experimentIds.Select(ExperimentRules.ParseId).Distinct()]);

    /// <inheritdoc cref="VisibleAsync(SqlScope, Workspace, IReadOnlyCollection{string})"/>
    public static Task<List<long>> VisibleAsync(SqlScope scope, Workspace workspace, long[] experimentIds) =>
        scope.QueryInChunksAsync<long, long>(
            "SELECT experiment_id FROM experiments WHERE workspace = @workspace AND experiment_id IN @ids",
            experimentIds,
            ids => new { workspace = workspace.Name, ids });
}

/// <summary>Where an experiment keeps its artifacts.</summary>
internal sealed record ExperimentLocation(long ExperimentId, string ArtifactLocation)
{
    /// <summary>The URI of a folder below the experiment's own.</summary>
    public string Below(params ReadOnlySpan<string> segments) => Tracking.ArtifactLocation.Append(ArtifactLocation, segments);
}
