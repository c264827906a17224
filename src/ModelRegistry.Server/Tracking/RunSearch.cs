using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Tracking;

/// <summary>Pages of runs.</summary>
internal sealed class RunSearch(Database database)
{
    private const int MaxIdsPerStatement = 500;

    public Task<RunPage> FindAsync(RequestContext context, RunQuery query, CancellationToken cancellationToken)
    {
        // In the order in which MLflow complains.
        var filter = RunVocabulary.Bind(query.Filter);
        var order = RunVocabulary.BindOrder(query.OrderBy);
        var offset = PageToken.Decode(query.PageToken);
        var ids = query.ExperimentIds.Select(SearchRules.ParseExperimentId).Distinct().ToArray();
        return database.ReadAsync(
            async scope =>
            {
                var experiments = await KeepOwnAsync(scope, context, ids);
                if (experiments.Count == 0)
                    return new RunPage([], null);
                var statement = new RunSearchSql(scope.Dialect);
                statement.InExperiments(experiments, Lifecycle.Of(query.View));
                statement.AddFilter(filter);
                statement.AddOrder(order);
                var rows = await scope.QueryAsync<RunRow>(statement.Build(query.MaxResults, offset), statement.Parameters);
                var hasMore = rows.Count > query.MaxResults;
                if (hasMore)
                    rows.RemoveAt(rows.Count - 1);
                var token = hasMore ? PageToken.Encode(offset + query.MaxResults) : null;
                return new RunPage(await RunDetails.AttachAsync(scope, rows, RunDetail.Listed), token);
            },
            cancellationToken);
    }

    /// <summary>The experiments of the caller's workspace among those named; unknown ones count as empty.</summary>
    private static async Task<List<long>> KeepOwnAsync(SqlScope scope, RequestContext context, long[] ids)
    {
        var own = new List<long>(ids.Length);
        foreach (var chunk in ids.Chunk(MaxIdsPerStatement))
        {
            own.AddRange(await scope.QueryAsync<long>(
                "SELECT experiment_id FROM experiments WHERE experiment_id IN @chunk AND workspace = @workspace",
                new { chunk, workspace = context.Workspace }));
        }

        return own;
    }
}

/// <summary>What runs/search asks for.</summary>
internal sealed record RunQuery(
    IReadOnlyList<string> ExperimentIds, string? Filter, ViewType? View, long MaxResults, IReadOnlyList<string> OrderBy, string? PageToken);

internal sealed record RunPage(List<RunBody> Runs, string? NextPageToken);
