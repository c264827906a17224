using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.Traces.Assessments;

/// <summary>Rows of <c>assessments</c>.</summary>
internal sealed class AssessmentStore(TrackingDatabase database, TrackingWriter writer)
{
    /// <summary>Adds assessments that came with their trace; one that is there already stays as it is.</summary>
    public static Task InsertAsync(SqlScope scope, IReadOnlyList<AssessmentRow> assessments) =>
        scope.InsertAsync(
            "assessments", AssessmentRow.Names, [.. assessments.Select(Values)], scope.Dialect.OnConflictNothing("assessment_id"));

    /// <summary>Adds an assessment; one that it overrides counts no longer.</summary>
    public Task CreateAsync(Caller caller, AssessmentRow assessment, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                if (!await TraceReader.ExistsAsync(scope, caller.Workspace, assessment.TraceId))
                    throw ApiException.BadRequest($"Trace with ID '{assessment.TraceId}' not found.");
                if (assessment.Overrides is not null && await SetValidAsync(scope, assessment.TraceId, assessment.Overrides, false) == 0)
                {
                    // MLflow forgot to fill in the name of the trace, and clients see that.
                    throw ApiException.NotFound($"Assessment with ID '{assessment.Overrides}' not found for trace '{{trace_id}}'");
                }

                await scope.InsertAsync("assessments", AssessmentRow.Names, [Values(assessment)]);
            },
            cancellationToken);

    public Task<AssessmentRow> GetAsync(Workspace workspace, string traceId, string assessmentId, CancellationToken cancellationToken) =>
        database.ReadAsync(scope => GetAsync(scope, workspace, traceId, assessmentId), cancellationToken);

    /// <param name="change">Makes the new row of the present one.</param>
    public Task<AssessmentRow> UpdateAsync(
        Caller caller, string traceId, string assessmentId, Func<AssessmentRow, AssessmentRow> change, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                var changed = change(await GetAsync(scope, caller.Workspace, traceId, assessmentId));
                await scope.ExecuteAsync(
                    """
                    UPDATE assessments SET
                        name = @Name, value = @Value, error = @Error, last_updated_timestamp = @LastUpdatedTimestamp, rationale = @Rationale,
                        assessment_metadata = @AssessmentMetadata
                    WHERE assessment_id = @AssessmentId
                    """,
                    changed);
                return changed;
            },
            cancellationToken);

    /// <summary>Deletes an assessment, if it is there; one that it overrode counts again.</summary>
    public Task DeleteAsync(Caller caller, string traceId, string assessmentId, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                if (await FindAsync(scope, caller.Workspace, traceId, assessmentId) is not { } assessment)
                    return;
                if (assessment.Overrides is not null)
                    await SetValidAsync(scope, traceId, assessment.Overrides, true);
                await scope.ExecuteAsync("DELETE FROM assessments WHERE assessment_id = @assessmentId", new { assessmentId });
            },
            cancellationToken);

    private static async Task<AssessmentRow> GetAsync(SqlScope scope, Workspace workspace, string traceId, string assessmentId)
    {
        if (await FindAsync(scope, workspace, traceId, assessmentId) is { } assessment)
            return assessment;
        throw ApiException.NotFound(await TraceReader.ExistsAsync(scope, workspace, traceId)
            ? $"Assessment with ID '{assessmentId}' not found for trace '{traceId}'"
            : $"Trace with request_id '{traceId}' not found");
    }

    private static Task<AssessmentRow?> FindAsync(SqlScope scope, Workspace workspace, string traceId, string assessmentId) =>
        scope.FindAsync<AssessmentRow>(
            $"""
            SELECT {AssessmentRow.Columns}
            FROM assessments a
            JOIN trace_info t ON t.request_id = a.trace_id
            JOIN experiments e ON e.experiment_id = t.experiment_id
            WHERE a.assessment_id = @assessmentId AND a.trace_id = @traceId AND e.workspace = @workspace
            """,
            new { assessmentId, traceId, workspace = workspace.Name });

    private static Task<int> SetValidAsync(SqlScope scope, string traceId, string assessmentId, bool valid) =>
        scope.ExecuteAsync(
            "UPDATE assessments SET valid = @valid WHERE trace_id = @traceId AND assessment_id = @assessmentId",
            new { traceId, assessmentId, valid });

    private static object?[] Values(AssessmentRow row) =>
    [
        row.AssessmentId, row.TraceId, row.Name, row.AssessmentType, row.Value, row.Error, row.CreatedTimestamp, row.LastUpdatedTimestamp,
        row.SourceType, row.SourceId, row.RunId, row.SpanId, row.Rationale, row.Overrides, row.Valid, row.AssessmentMetadata,
    ];
}
