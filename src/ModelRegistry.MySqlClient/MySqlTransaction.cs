using System.Data;
using System.Data.Common;

namespace ModelRegistry.MySqlClient;

/// <summary>A transaction; disposing one that was not committed rolls it back.</summary>
public sealed class MySqlTransaction : DbTransaction
{
    private MySqlConnection? connection;

    internal MySqlTransaction(MySqlConnection connection, IsolationLevel isolationLevel)
    {
        this.connection = connection;
        IsolationLevel = isolationLevel;
    }

    public override IsolationLevel IsolationLevel { get; }

    protected override DbConnection? DbConnection => connection;

    public override async Task CommitAsync(CancellationToken cancellationToken = default) =>
        await EndAsync("COMMIT").ConfigureAwait(false);

    public override void Commit() => CommitAsync().GetAwaiter().GetResult();

    public override async Task RollbackAsync(CancellationToken cancellationToken = default) =>
        await EndAsync("ROLLBACK").ConfigureAwait(false);

    public override void Rollback() => RollbackAsync().GetAwaiter().GetResult();

    public override async ValueTask DisposeAsync()
    {
        await EndIfOpenAsync().ConfigureAwait(false);
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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            EndIfOpenAsync().AsTask().GetAwaiter().GetResult();
        base.Dispose(disposing);
    }

    private static string Begin(string level) => $"SET TRANSACTION ISOLATION LEVEL {level}; START TRANSACTION";

    private async ValueTask EndIfOpenAsync()
    {
        // A broken session has rolled back already: the server does so when the connection is gone.
        if (connection is { State: ConnectionState.Open })
            await RollbackAsync().ConfigureAwait(false);
        Detach();
    }

    private async ValueTask EndAsync(string sql)
    {
        var owner = connection ?? throw new InvalidOperationException("The transaction is over already.");
        Detach();
        await owner.Session.ExecuteTextAsync(sql).ConfigureAwait(false);
    }

    private void Detach()
    {
        if (connection is not null && connection.ActiveTransaction == this)
            connection.ActiveTransaction = null;
        connection = null;
    }
}
