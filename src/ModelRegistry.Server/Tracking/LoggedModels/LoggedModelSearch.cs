using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering.LoggedModels;
using ModelRegistry.Server.Search;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Tracking.LoggedModels;

/// <summary>Pages of logged models.</summary>
internal sealed class LoggedModelSearch(TrackingDatabase database)
{
    public Task<LoggedModelPage> FindAsync(Workspace workspace, LoggedModelQuery query, CancellationToken cancellationToken)
    {
        // In the order in which MLflow complains.
        var key = new LoggedModelPageToken(query.ExperimentIds, query.Filter, query.OrderBy);
        var start = key.Decode(query.PageToken);
        var filter = LoggedModelFilter.Bind(query.Filter);
        var experiments = query.ExperimentIds.Select(SearchRules.ParseExperimentId).Distinct().ToArray();
        var order = query.OrderBy.Select(by => (Term: LoggedModelOrder.Bind(by.FieldName, by.Ascending), By: by)).ToList();
        return database.ReadAsync(
            async scope =>
            {
                var statement = new LoggedModelSearchSql(scope.Dialect);
                statement.InExperiments(await ExperimentLocator.VisibleAsync(scope, workspace, experiments));
                statement.AddFilter(filter, query.Datasets);
                foreach (var (term, by) in order)
                    statement.AddOrder(term, by);

                // A negative page size is a page of nothing with a token that leads backwards.
                var limit = Math.Max(0, query.MaxResults);
                var rows = await scope.QueryAsync<LoggedModelRow>(statement.Build(limit + 1L, start), statement.Parameters);
                var page = rows.Take(limit).ToList();
                var sorted = statement.Order;
                var place = page.Count > 0 ? sorted.PlaceOf(page[^1]) : [];
                var token = rows.Count > query.MaxResults && query.MaxResults != 0 ? key.Encode(start.Offset + query.MaxResults, sorted.Sql, place) : null;
                return new LoggedModelPage(await LoggedModelDetails.AttachAsync(scope, page), token);
            },
            cancellationToken);
    }
}

/// <summary>What logged-models/search asks for.</summary>
internal sealed record LoggedModelQuery(
    IReadOnlyList<string> ExperimentIds,
    string? Filter,
    IReadOnlyList<LoggedModelDataset> Datasets,
    int MaxResults,
    IReadOnlyList<LoggedModelOrderBy> OrderBy,
    string? PageToken);

/// <summary>The dataset a metric was measured on; a missing digest is one of its own, not "any".</summary>
internal sealed record LoggedModelDataset(string Name, string? Digest);

/// <summary>One term of the order; the dataset counts for metrics only.</summary>
internal sealed record LoggedModelOrderBy(string FieldName, bool Ascending, string? DatasetName, string? DatasetDigest);

internal sealed record LoggedModelPage(List<LoggedModelBody> Models, string? NextPageToken);
