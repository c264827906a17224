using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Rows of <c>issues</c>.</summary>
internal sealed class IssueStore(TrackingDatabase database, TrackingWriter writer, TimeProvider time)
{
    internal const string Columns =
        "i.issue_id, i.experiment_id, i.name, i.description, i.status, i.severity, i.root_causes, i.source_run_id, i.categories,"
        + " i.created_timestamp, i.last_updated_timestamp, i.created_by";

    private static readonly string[] InsertColumns =
    [
        "issue_id", "experiment_id", "name", "description", "status", "severity", "root_causes", "source_run_id", "categories",
        "created_timestamp", "last_updated_timestamp", "created_by",
    ];

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<IssueRow> CreateAsync(Caller caller, CreateIssueRequest request, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var experiment = await FindActiveAsync(scope, caller.Workspace, request.ExperimentId);
                var now = Now;
                var row = new IssueRow
                {
                    IssueId = $"iss-{Guid.NewGuid():N}",
                    ExperimentId = experiment,
                    Name = request.Name,
                    Description = request.Description,
                    Status = request.Status ?? IssueRules.Pending,
                    Severity = request.Severity,
                    RootCauses = Json(request.RootCauses),
                    SourceRunId = NullIfEmpty(request.SourceRunId),
                    Categories = Json(request.Categories),
                    CreatedTimestamp = now,
                    LastUpdatedTimestamp = now,
                    CreatedBy = NullIfEmpty(request.CreatedBy),
                };
                await InsertAsync(scope, row);
                return row;
            },
            cancellationToken);

    public Task<IssueRow> GetAsync(Workspace workspace, string id, CancellationToken cancellationToken) =>
        database.ReadAsync(scope => GetAsync(scope, workspace, id, ""), cancellationToken);

    /// <summary>Changes what the request names; an empty name or description counts as not named.</summary>
    public Task<IssueRow> UpdateAsync(Caller caller, UpdateIssueRequest request, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var old = await GetAsync(scope, caller.Workspace, request.IssueId, scope.Dialect.ForUpdate);
                var row = old with
                {
                    Name = NullIfEmpty(request.Name) ?? old.Name,
                    Description = NullIfEmpty(request.Description) ?? old.Description,
                    Status = request.Status ?? old.Status,
                    Severity = request.Severity ?? old.Severity,
                    LastUpdatedTimestamp = Now,
                };
                await scope.ExecuteAsync(
                    """
                    UPDATE issues
                    SET name = @Name, description = @Description, status = @Status, severity = @Severity, last_updated_timestamp = @LastUpdatedTimestamp
                    WHERE issue_id = @IssueId
                    """,
                    new { row.Name, row.Description, row.Status, row.Severity, row.LastUpdatedTimestamp, row.IssueId });
                return row;
            },
            cancellationToken);

    private static async Task<IssueRow> GetAsync(SqlScope scope, Workspace workspace, string id, string tail)
    {
        var row = await scope.FindAsync<IssueRow>(
            $"""
            SELECT {Columns}
            FROM issues i JOIN experiments e ON e.experiment_id = i.experiment_id
            WHERE i.issue_id = @id AND e.workspace = @workspace
            {tail}
            """,
            new { id, workspace = workspace.Name });
        return row ?? throw ApiException.NotFound($"Issue with ID '{id}' not found");
    }

    /// <summary>A deleted experiment counts as one that is not there.</summary>
    private static async Task<long> FindActiveAsync(SqlScope scope, Workspace workspace, string experimentId)
    {
        var id = IssueRules.ParseExperimentId(experimentId);
        return await scope.FindAsync<long?>(
            "SELECT experiment_id FROM experiments WHERE experiment_id = @id AND workspace = @workspace AND lifecycle_stage = 'active'",
            new { id, workspace = workspace.Name }) ?? throw ApiException.NotFound($"No Experiment with id={id} exists");
    }

    private static Task InsertAsync(SqlScope scope, IssueRow row) =>
        scope.InsertAsync(
            "issues",
            InsertColumns,
            [
                [
                    row.IssueId, row.ExperimentId, row.Name, row.Description, row.Status, row.Severity, row.RootCauses, row.SourceRunId,
                    row.Categories, row.CreatedTimestamp, row.LastUpdatedTimestamp, row.CreatedBy,
                ],
            ]);

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string? Json(List<string>? texts) =>
        texts is { Count: > 0 } ? $"[{string.Join(", ", texts.Select(PythonText.CompactJson))}]" : null;
}

internal sealed record IssueRow
{
    public required string IssueId { get; init; }

    public long ExperimentId { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string Status { get; init; }

    public string? Severity { get; init; }

    /// <summary>JSON: a list of texts.</summary>
    public string? RootCauses { get; init; }

    public string? SourceRunId { get; init; }

    /// <summary>JSON: a list of texts.</summary>
    public string? Categories { get; init; }

    public long CreatedTimestamp { get; init; }

    public long LastUpdatedTimestamp { get; init; }

    public string? CreatedBy { get; init; }

    /// <summary>How many traces show the issue; set by searches that ask for it.</summary>
    public long? TraceCount { get; init; }
}
