namespace ModelRegistry.Server.Data;

/// <summary>A database as the stores of an area see it: they read. What they change goes through the writer of the area.</summary>
internal abstract class StoreDatabase(Database database)
{
    /// <summary>For writers, and for what writes rows that are nobody's decision: leases, deliveries, the ledger of uploads.</summary>
    public Database Database { get; } = database;

    public SqlDialect Dialect => Database.Dialect;

    /// <inheritdoc cref="Database.ReadAsync{T}"/>
    public Task<T> ReadAsync<T>(Func<SqlScope, Task<T>> work, CancellationToken cancellationToken) => Database.ReadAsync(work, cancellationToken);
}

/// <summary>Where experiments, runs, traces and workspaces are.</summary>
internal sealed class TrackingDatabase(Database database) : StoreDatabase(database);

/// <summary>Where models and webhooks are: the tracking database, unless the registry was given its own.</summary>
/// <param name="holdsTracking">Whether one transaction can change runs and models.</param>
internal sealed class RegistryDatabase(Database database, bool holdsTracking) : StoreDatabase(database)
{
    public bool HoldsTracking { get; } = holdsTracking;
}
