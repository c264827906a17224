using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.Metrics;
using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using ModelRegistry.Server.Data.SqliteClient;

namespace ModelRegistry.Server.Data;

/// <summary>
/// A bounded pool of open connections to one database file. Microsoft.Data.Sqlite 6 has no <see cref="DbDataSource"/>; its own pool would
/// repeat the connection's PRAGMAs at every use and has no bound.
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

    private readonly ConcurrentBag<PooledConnection> idle = [];
    private readonly SemaphoreSlim slots = new(maxConnections);
    private readonly Meter meter = new("ModelRegistry");
    private volatile bool isClosed;
    private int waiting;

    public override string ConnectionString { get; } =
        new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString();

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
    private PooledConnection Take()
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

    private PooledConnection OpenNew()
    {
        var connection = new PooledConnection(this);
        connection.Open();
        connection.Execute(setup);
        connection.CreateFunction<string?, string?, bool>("regexp", SqliteRegex.Matches, isDeterministic: true);
        return connection;
    }

    private void Return(PooledConnection connection)
    {
        if (isClosed)
            connection.Retire();
        else
            idle.Add(connection);
        slots.Release();
    }

    /// <summary>Disposing gives the connection back instead of closing it.</summary>
    private sealed class PooledConnection(SqliteDataSource owner) : SqliteSessionConnection(owner.ConnectionString)
    {
        private bool isRetired;

        public void Retire()
        {
            isRetired = true;
            Dispose();
        }

        protected override void Dispose(bool disposing)
        {
            if (!isRetired && disposing && State == System.Data.ConnectionState.Open)
                owner.Return(this);
            else
                base.Dispose(disposing);
        }
    }
}
