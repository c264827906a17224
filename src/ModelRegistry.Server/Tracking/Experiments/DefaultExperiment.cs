using System.Data.Common;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Tracking.Experiments;

/// <summary>Experiment <c>0</c>, which clients and the UI take for granted.</summary>
internal static class DefaultExperiment
{
    public const long Id = 0;
    private const string Name = "Default";

    /// <summary>Makes it in a database that has no experiment yet; renamed or deleted ones are left alone.</summary>
    public static Task EnsureAsync(TrackingWriter writer, string location, long now, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                if (await scope.FindAsync<long>("SELECT COUNT(*) FROM experiments") > 0)
                    return;

                try
                {
                    await InsertAsync(scope, location, now);
                }
                catch (DbException e) when (scope.Dialect.IsUniqueViolation(e))
                {
                    // Another replica that starts at the same time was faster.
                }
            },
            cancellationToken);

    private static async Task InsertAsync(SqlScope scope, string location, long now)
    {
        // Inserted under a generated id and then moved: MySQL takes an inserted 0 for "generate one".
        await scope.ExecuteAsync(
            """
            INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace)
            VALUES (@name, @location, 'active', @now, @now, @workspace)
            """,
            new { name = Name, location, now, workspace = Workspace.DefaultName });
        await scope.ExecuteAsync("UPDATE experiments SET experiment_id = @id WHERE name = @name", new { id = Id, name = Name });
    }
}
