using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering.Vocabularies;
using ModelRegistry.Server.Search;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>Pages of runs.</summary>
internal sealed class RunSearch(TrackingDatabase database)
{
    public Task<RunPage> FindAsync(Workspace workspace, RunQuery query, CancellationToken cancellationToken)
    {
        // In the order in which MLflow complains.
        var filter = RunVocabulary.Bind(query.Filter);
        var order = RunVocabulary.BindOrder(query.OrderBy);
        var start = PageToken.Read(query.PageToken);
        var ids = query.ExperimentIds.Select(SearchRules.ParseExperimentId).Distinct().ToArray();
        return database.ReadAsync(
            async scope =>
            {
                var experiments = await ExperimentLocator.VisibleAsync(scope, workspace, ids);
                if (experiments.Count == 0)
                    return new RunPage([], null);
                var statement = new RunSearchSql(scope.Dialect);
                statement.InExperiments(experiments, Lifecycle.Of(query.View));
                statement.AddFilter(filter);
                statement.AddOrder(order);
                var hasRareValue = statement.CountValues() is { } count && await scope.FindAsync<long>(count, statement.Parameters) <= RunSearchSql.Few;
                var rows = await scope.QueryAsync<RunRow>(statement.Build(query.MaxResults, start, hasRareValue), statement.Parameters);
                var sorted = statement.Order;
                var token = PageToken.Cut(rows, query.MaxResults, start, sorted.Sql, sorted.PlaceOf);
                return new RunPage(await RunDetails.AttachAsync(scope, rows, RunDetail.Listed), token);
            },
            cancellationToken);
    }
}

/// <summary>What runs/search asks for.</summary>
internal sealed record RunQuery(
    IReadOnlyList<string> ExperimentIds, string? Filter, ViewType? View, long MaxResults, IReadOnlyList<string> OrderBy, string? PageToken);

internal sealed record RunPage(List<RunBody> Runs, string? NextPageToken);
