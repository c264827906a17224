using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace ModelRegistry.Server.Data;

/// <summary>
/// A bounded pool of open connections to one database file. Microsoft.Data.Sqlite 6 has no <see cref="DbDataSource"/>; its own pool would
/// repeat the connection's PRAGMAs at every use and has no bound.
/// </summary>
internal sealed class SqliteDataSource(string path, int maxConnections) : DbDataSource
{
    // What MLflow's own server sets, plus WAL with a sync at each commit: an acknowledged write survives a power cut.
    private const string Setup =
        """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA case_sensitive_like = ON;
        PRAGMA busy_timeout = 20000;
        """;

    private readonly ConcurrentBag<PooledConnection> idle = [];
    private readonly SemaphoreSlim slots = new(maxConnections);
    private volatile bool isClosed;

    public override string ConnectionString { get; } =
        new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString();

    protected override DbConnection CreateDbConnection() =>
        throw new NotSupportedException("Connections come open: use OpenConnectionAsync.");

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        await slots.WaitAsync(cancellationToken);
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

    protected override void Dispose(bool disposing)
    {
        isClosed = true;
        while (idle.TryTake(out var connection))
            connection.Retire();
        base.Dispose(disposing);
    }

    private PooledConnection OpenNew()
    {
        var connection = new PooledConnection(this);
        connection.Open();
        connection.Execute(Setup);
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
    private sealed class PooledConnection(SqliteDataSource owner) : SqliteConnection(owner.ConnectionString)
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
