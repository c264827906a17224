using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>Rows of <c>jobs</c> that have ended.</summary>
/// <param name="before">They have to be made earlier than this time, in milliseconds, when the request has an age.</param>
internal sealed class JobPurge(Database database, GcRequest request, long before)
{
    private const int PageSize = 500;

    /// <summary>SUCCEEDED, FAILED, TIMEOUT, CANCELED.</summary>
    private const string Ended = "status IN (2, 3, 4, 5)";

    public async Task RunAsync(GcReport report, IGcOutput output, CancellationToken cancellationToken)
    {
        output.Begin("Jobs", 0);
        var after = "";
        while (true)
        {
            var ids = await database.ReadAsync(
                scope => scope.QueryAsync<string>(
                    $"SELECT id FROM jobs WHERE id > @after AND {Eligible} ORDER BY id LIMIT @limit",
                    new { after, limit = PageSize, before, workspace = request.Workspace, jobs = request.JobIds ?? [] }),
                cancellationToken);
            if (ids.Count == 0)
                return;
            if (!request.DryRun)
                await database.WriteAsync(scope => scope.ExecuteAsync($"DELETE FROM jobs WHERE id IN @ids AND {Ended}", new { ids }), cancellationToken);
            report.Count(Kind.Job, ids.Count);
            output.Advance(ids.Count);
            foreach (var id in ids)
                output.Say($"Job with ID {id} {(request.DryRun ? "would be" : "has been")} permanently deleted.");
            after = ids[^1];
        }
    }

    private string Eligible =>
        Ended
        + (request.JobIds is null ? "" : " AND id IN @jobs")
        + (request.OlderThan is null ? "" : " AND creation_time < @before")
        + (request.Workspace is null ? "" : " AND workspace = @workspace");
}
