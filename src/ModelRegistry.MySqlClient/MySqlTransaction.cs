using System.Data;
using System.Data.Common;

namespace ModelRegistry.MySqlClient;

/// <summary>A transaction; disposing one that was not committed rolls it back.</summary>
public sealed class MySqlTransaction : DbTransaction
{
    private const int Deadlock = 1213;

    private MySqlConnection? connection;

    internal MySqlTransaction(MySqlConnection connection, IsolationLevel isolationLevel)
    {
        this.connection = connection;
        IsolationLevel = isolationLevel;
    }

    public override IsolationLevel IsolationLevel { get; }

    protected override DbConnection? DbConnection => connection;

    /// <summary>Commits. Once sent, a commit is not cancelled by the token: whether it took effect would be unknown.</summary>
    /// <exception cref="MySqlException">
    /// The server refused, or has ended the transaction before, as it does for CREATE TABLE and for what lost against another node of a cluster;
    /// or the connection was lost, and then the commit may have taken effect.
    /// </exception>
    public override async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var owner = connection ?? throw IsOver();
        if (!owner.IsInTransaction)
        {
            // Seen on Galera: a transaction that lost against another node was rolled back behind a statement that succeeded, and COMMIT would succeed too.
            Detach();
            throw new MySqlException("The server has ended the transaction by itself; nothing is committed now.", Deadlock, "40001");
        }

        await owner.ExecuteAsync("COMMIT", CancellationToken.None).ConfigureAwait(false);
        Detach();
    }

    public override void Commit() => CommitAsync().GetAwaiter().GetResult();

    /// <summary>Rolls back, whatever the token says; a reader that is still open is closed first.</summary>
    public override async Task RollbackAsync(CancellationToken cancellationToken = default)
    {
        var owner = connection ?? throw IsOver();
        Detach();
        await owner.CloseReaderAsync().ConfigureAwait(false);
        await owner.ExecuteAsync("ROLLBACK", CancellationToken.None).ConfigureAwait(false);
    }

    public override bool SupportsSavepoints => true;

    /// <summary>Sets a savepoint, in place of one of the same name; it is sent together with the next statement.</summary>
    /// <param name="savepointName">A plain name.</param>
    public override Task SaveAsync(string savepointName, CancellationToken cancellationToken = default)
    {
        (connection ?? throw IsOver()).Session.SendWithNext($"SAVEPOINT {savepointName}");
        return Task.CompletedTask;
    }

    public override void Save(string savepointName) => SaveAsync(savepointName).GetAwaiter().GetResult();

    /// <summary>Undoes what was done since the savepoint, whatever the token says.</summary>
    public override async Task RollbackAsync(string savepointName, CancellationToken cancellationToken = default)
    {
        var owner = connection ?? throw IsOver();
        await owner.CloseReaderAsync().ConfigureAwait(false);
        await owner.ExecuteAsync($"ROLLBACK TO SAVEPOINT {savepointName}", CancellationToken.None).ConfigureAwait(false);
    }

    public override void Rollback(string savepointName) => RollbackAsync(savepointName).GetAwaiter().GetResult();

    public override void Rollback() => RollbackAsync().GetAwaiter().GetResult();

    public override async ValueTask DisposeAsync()
    {
        // A broken session has rolled back already: the server does so when the connection is gone.
        if (connection is { State: ConnectionState.Open })
            await RollbackAsync().ConfigureAwait(false);
        Detach();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    internal static string BeginStatement(IsolationLevel isolationLevel) => isolationLevel switch
    {
        IsolationLevel.Unspecified => "START TRANSACTION",
        IsolationLevel.ReadUncommitted => Begin("READ UNCOMMITTED"),
        IsolationLevel.ReadCommitted => Begin("READ COMMITTED"),
        IsolationLevel.RepeatableRead => Begin("REPEATABLE READ"),
        IsolationLevel.Serializable => Begin("SERIALIZABLE"),
        IsolationLevel.Snapshot => "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT",
        _ => throw new NotSupportedException($"MySQL has no isolation level {isolationLevel}."),
    };

    /// <summary>The connection has gone back to the pool, which rolls back what is open.</summary>
    internal void Detach()
    {
        if (connection?.ActiveTransaction == this)
            connection.ActiveTransaction = null;
        connection = null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && connection is not null)
            DisposeAsync().AsTask().GetAwaiter().GetResult();
        base.Dispose(disposing);
    }

    private static string Begin(string level) => $"SET TRANSACTION ISOLATION LEVEL {level}; START TRANSACTION";

    private static InvalidOperationException IsOver() => new("The transaction is over already.");
}
