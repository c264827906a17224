using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using MySqlConnector;

namespace ModelRegistry.Server.Data.MySql;

/// <summary>A connection that somebody uses. Its transactions begin with their first statement, and it goes back to its pool fit for the next one or not at all.</summary>
/// <param name="home">The pool it comes from.</param>
internal sealed class MySqlSession(MySqlConnection connection, MySqlSource source, MySqlDataSource home) : DbConnection
{
    private bool isUnfit;

    [AllowNull]
    public override string ConnectionString
    {
        get => connection.ConnectionString;
        set => throw new NotSupportedException("The connection is open.");
    }

    public override string Database => connection.Database;

    public override string DataSource => connection.DataSource;

    public override string ServerVersion => connection.ServerVersion;

    public override ConnectionState State => connection.State;

    public override bool CanCreateBatch => true;

    /// <summary>Keeps it out of the pool: the next one would find what this one has left open.</summary>
    public void GiveUp() => isUnfit = true;

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException("A pooled connection keeps its database.");

    public override void Open() => throw new NotSupportedException("The connection is open.");

    public override void Close() => connection.Close();

    public override async ValueTask DisposeAsync()
    {
        // Before it goes back: a pool that was renewed closes what comes back.
        if (isUnfit || connection.State == ConnectionState.Broken)
            await source.RenewAsync(home);
        await connection.DisposeAsync();

        // One that was opened while its pool was being closed is not known to be an old one there.
        if (!source.IsCurrent(home))
            await home.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) =>
        isolationLevel is IsolationLevel.Unspecified or IsolationLevel.ReadCommitted
            ? new DeferredTransaction(this, source.IsCluster)
            : throw new NotSupportedException($"Transactions are at READ COMMITTED here, not at {isolationLevel}.");

    protected override DbCommand CreateDbCommand() => connection.CreateCommand();

    protected override DbBatch CreateDbBatch() => connection.CreateBatch();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            connection.Dispose();
        base.Dispose(disposing);
    }
}
