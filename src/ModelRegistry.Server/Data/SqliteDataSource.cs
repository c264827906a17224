using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ModelRegistry.Server.Data;

/// <summary>
/// A bounded pool of open connections to one database file. Microsoft.Data.Sqlite has no <see cref="DbDataSource"/>; its own pool would repeat the
/// connection's PRAGMAs at every use, forget what is prepared, and has no bound.
/// </summary>
/// <param name="setup">Statements that each connection begins with.</param>
internal sealed class SqliteDataSource(string path, int maxConnections, string setup) : DbDataSource
{
    static SqliteDataSource()
    {
        // A connection is with one user at a time, and nobody asks for SQLite's memory statistics: both locks would be for nothing.
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    private readonly ConcurrentBag<PooledSqliteConnection> idle = [];
    private readonly SemaphoreSlim slots = new(maxConnections);
    private readonly Meter meter = new("ModelRegistry");
    private volatile bool isClosed;
    private int waiting;

    // SQLite waits for a lock itself, for as long as busy_timeout says. The library would repeat that until its own time-out, which cannot be less.
    public override string ConnectionString { get; } =
        new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString();

    protected override DbConnection CreateDbConnection() =>
        throw new NotSupportedException("Connections come open: use OpenConnectionAsync.");

    protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default) =>
        slots.Wait(0, CancellationToken.None) ? ValueTask.FromResult<DbConnection>(Take()) : WaitAndTakeAsync(cancellationToken);

    /// <summary>The pool in numbers, under OpenTelemetry's names, as the MySQL client has them.</summary>
    /// <param name="pool">The name of this one.</param>
    public SqliteDataSource Measured(string pool)
    {
        var name = new KeyValuePair<string, object?>("db.client.connection.pool.name", pool);
        meter.CreateObservableUpDownCounter(
            "db.client.connection.count",
            () => (Measurement<int>[])
            [
                new(idle.Count, name, new KeyValuePair<string, object?>("db.client.connection.state", "idle")),
                new(maxConnections - slots.CurrentCount, name, new KeyValuePair<string, object?>("db.client.connection.state", "used")),
            ]);
        meter.CreateObservableUpDownCounter("db.client.connection.pending_requests", () => new Measurement<int>(Volatile.Read(ref waiting), name));
        return this;
    }

    protected override void Dispose(bool disposing)
    {
        isClosed = true;
        meter.Dispose();
        while (idle.TryTake(out var connection))
            connection.Retire();
        base.Dispose(disposing);
    }

    private async ValueTask<DbConnection> WaitAndTakeAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref waiting);
        try
        {
            await slots.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        return Take();
    }

    /// <summary>The caller has a slot.</summary>
    private PooledSqliteConnection Take()
    {
        try
        {
            return idle.TryTake(out var connection) ? connection : OpenNew();
        }
        catch
        {
            slots.Release();
            throw;
        }
    }

    private PooledSqliteConnection OpenNew()
    {
        var connection = new PooledSqliteConnection(ConnectionString, Return);
        try
        {
            connection.Open(setup);
            return connection;
        }
        catch
        {
            connection.Retire();
            throw;
        }
    }

    private void Return(PooledSqliteConnection connection)
    {
        if (isClosed)
            connection.Retire();
        else
            idle.Add(connection);
        slots.Release();
    }
}
