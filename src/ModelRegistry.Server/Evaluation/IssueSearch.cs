using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Vocabularies;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Pages of issues, the worst first.</summary>
internal sealed class IssueSearch(TrackingDatabase database)
{
    private const string TraceCounts =
        """
        LEFT JOIN (
            SELECT a.name, COUNT(DISTINCT a.trace_id) AS traces FROM assessments a WHERE a.assessment_type = 'issue' GROUP BY a.name
        ) t ON t.name = i.issue_id
        """;

    private static readonly string SeverityRank =
        $"CASE i.severity {string.Join(' ', IssueRules.Severities.Select((severity, rank) => FormattableString.Invariant($"WHEN '{severity}' THEN {rank}")))} ELSE -1 END";

    public Task<IssuePage> FindAsync(Workspace workspace, IssueQuery query, CancellationToken cancellationToken)
    {
        var offset = PageToken.Decode(query.PageToken);
        var filter = IssueVocabulary.Bind(query.Filter);
        return database.ReadAsync(scope => FindAsync(scope, workspace, query, offset, filter), cancellationToken);
    }

    private static async Task<IssuePage> FindAsync(
        SqlScope scope, Workspace workspace, IssueQuery query, long offset, IReadOnlyList<BoundComparison> filter)
    {
        var conditions = new SearchConditions(scope.Dialect);
        conditions.Add($"e.workspace = {conditions.Parameter(workspace.Name)}");
        if (query.ExperimentId is { } experiment)
            conditions.Add($"i.experiment_id = {conditions.Parameter(experiment)}");

        // The keys are names of columns: the vocabulary lets no others through.
        foreach (var comparison in filter)
            conditions.Add(conditions.Text($"i.{comparison.Key}", comparison));
        var rows = await scope.QueryAsync<IssueRow>(
            $"""
            SELECT {IssueStore.Columns}{(query.CountsTraces ? ", COALESCE(t.traces, 0) AS trace_count" : "")}
            FROM issues i JOIN experiments e ON e.experiment_id = i.experiment_id {(query.CountsTraces ? TraceCounts : "")}
            WHERE {conditions.Where}
            ORDER BY {SeverityRank} DESC, {(query.CountsTraces ? "COALESCE(t.traces, 0) DESC, " : "")}i.created_timestamp DESC, i.issue_id DESC
            LIMIT {conditions.Parameter(query.MaxResults + 1)} OFFSET {conditions.Parameter(offset)}
            """,
            conditions.Parameters);
        if (rows.Count <= query.MaxResults)
            return new IssuePage(rows, "");
        rows.RemoveAt(rows.Count - 1);
        return new IssuePage(rows, PageToken.Encode(offset + query.MaxResults));
    }
}

/// <summary>What issues/search asks for.</summary>
internal sealed record IssueQuery(long? ExperimentId, string? Filter, int MaxResults, string? PageToken, bool CountsTraces);

internal sealed record IssuePage(List<IssueRow> Issues, string NextPageToken);
