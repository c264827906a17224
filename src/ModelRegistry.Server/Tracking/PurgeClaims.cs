using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Tracking;

/// <summary>
/// Rows of <c>mr_purges</c>: runs and experiments whose permanent deletion has begun. Artifacts go first and rows last, so in between only a
/// claim keeps somebody from restoring what has lost its files. Whoever claims or restores locks the row of the run or experiment before.
/// </summary>
internal static class PurgeClaims
{
    public const string Run = "run";
    public const string Experiment = "experiment";

    /// <summary>Condition that leaves out claimed runs; <c>r</c> is the table of runs.</summary>
    public const string IsUnclaimedRun = "NOT EXISTS (SELECT 1 FROM mr_purges p WHERE p.kind = 'run' AND p.id = r.run_uuid)";

    public static Task AddAsync(SqlScope scope, string kind, IEnumerable<string> ids, long now) =>
        scope.InsertAsync(
            "mr_purges", ["kind", "id", "begin_time"], [.. ids.Select(id => new object?[] { kind, id, now })], scope.Dialect.OnConflictNothing("kind, id"));

    public static Task RemoveAsync(SqlScope scope, string kind, IReadOnlyCollection<string> ids) =>
        scope.ExecuteAsync("DELETE FROM mr_purges WHERE kind = @kind AND id IN @ids", new { kind, ids });

    /// <param name="what">For the message: <c>Run</c> or <c>Experiment</c>.</param>
    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST: it is as good as gone.</exception>
    public static async Task RequireNoneAsync(SqlScope scope, string kind, string id, string what)
    {
        if (await scope.FindAsync<long>("SELECT COUNT(*) FROM mr_purges WHERE kind = @kind AND id = @id", new { kind, id }) > 0)
            throw ApiException.NotFound($"{what} with id={id} is being deleted permanently and cannot be restored.");
    }
}
