using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>
/// Assessments that a run produced; they go with the run. MLflow keeps the id of that run inside the metadata text, as
/// <c>"mlflow.assessment.sourceRunId": "…"</c>, and does not always fill the column.
/// </summary>
internal static class RunAssessments
{
    private const string Key = "\"mlflow.assessment.sourceRunId\": \"";

    public static Task DeleteOfRunAsync(SqlScope scope, string runId) =>
        scope.ExecuteAsync(
            $"DELETE FROM assessments WHERE {scope.Dialect.Like("assessment_metadata", "@pattern")}",
            new { pattern = $"%{Key}{runId}\"%" });

    /// <summary>One pass over the assessments for all runs of the experiment.</summary>
    public static async Task DeleteOfExperimentAsync(SqlScope scope, long experimentId)
    {
        var candidates = await scope.QueryAsync<AssessmentRow>(
            $"SELECT assessment_id, assessment_metadata FROM assessments WHERE {scope.Dialect.Like("assessment_metadata", "@pattern")}",
            new { pattern = $"%{Key}%" });
        if (candidates.Count == 0)
            return;
        var runs = (await scope.QueryAsync<string>("SELECT run_uuid FROM runs WHERE experiment_id = @experimentId", new { experimentId })).ToHashSet();
        await scope.ExecuteInChunksAsync(
            "DELETE FROM assessments WHERE assessment_id IN @ids",
            candidates.Where(row => runs.Contains(row.SourceRun)).Select(row => row.AssessmentId),
            ids => new { ids });
    }

    private sealed record AssessmentRow
    {
        public required string AssessmentId { get; init; }

        public required string AssessmentMetadata { get; init; }

        public string SourceRun
        {
            get
            {
                var start = AssessmentMetadata.IndexOf(Key, StringComparison.Ordinal) + Key.Length;
                var end = AssessmentMetadata.IndexOf('"', start);
                return end < 0 ? "" : AssessmentMetadata[start..end];
            }
        }
    }
}
