using System.Data;
using System.Data.Common;
using System.Globalization;
using MySqlConnector;

namespace ModelRegistry.Server.Data.MySql;

/// <summary>
/// A transaction that begins with its first statement: what begins it and sets savepoints goes ahead of that statement in one packet, and is no
/// round trip of its own. One that does nothing costs nothing.
/// </summary>
/// <param name="isGuarded">Make sure at the commit that the server has not rolled it back by itself.</param>
internal sealed class DeferredTransaction(MySqlSession session, bool isGuarded) : DbTransaction
{
    private const int SavepointMissing = 1305;

    // A cluster can roll back a transaction that lost against another node behind a statement that succeeds, and COMMIT then succeeds as well, with
    // nothing to commit. The protocol tells by a flag that MySqlConnector keeps for itself. This savepoint is gone along with the transaction:
    // releasing it fails then, and COMMIT is not sent. It takes a round trip of its own: between two statements of one packet the cluster rolls back
    // without a word as well, while one that is lost between two packets is an error of the second.
    private const string Guard = "mr_begun";

    // What comes behind such a rollback in the same packet would otherwise commit itself: a version that nobody was told of, and a number that is
    // given again to the one who is tried again. So it becomes part of a new transaction, which ends with the missing savepoint.
    private const string BeginGuarded = $"SET autocommit = 0; START TRANSACTION; SAVEPOINT {Guard}; ";
    private const string EndGuarded = "; SET autocommit = 1";

    private string? begin = isGuarded ? BeginGuarded : "START TRANSACTION; ";
    private string? save;
    private int savepoints;
    private bool isOver;

    // The level that every session is set up with.
    public override IsolationLevel IsolationLevel => IsolationLevel.ReadCommitted;

    public override bool SupportsSavepoints => true;

    protected override DbConnection DbConnection => session;

    private bool HasBegun => begin is null;

    /// <summary>The text of a statement that is about to be sent, behind what has to be done before it.</summary>
    public string Lead(string sql)
    {
        if (begin is null && save is null)
            return sql;
        sql = $"{begin}{save}{sql}";
        (begin, save) = (null, null);
        return sql;
    }

    /// <exception cref="WriteConflictException">The server has rolled it back by itself; nothing is committed.</exception>
    public override async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        if (HasBegun)
        {
            try
            {
                if (isGuarded)
                    await ExecuteAsync($"RELEASE SAVEPOINT {Guard}");
                await EndAsync("COMMIT");
            }
            catch (MySqlException e) when (isGuarded && e.Number == SavepointMissing)
            {
                throw new WriteConflictException(e);
            }
        }

        isOver = true;
    }

    public override async Task RollbackAsync(CancellationToken cancellationToken = default)
    {
        isOver = true;
        if (HasBegun)
            await EndAsync("ROLLBACK");
    }

    /// <summary>Sets a savepoint, in place of one of the same name.</summary>
    /// <remarks>
    /// Each has a name of its own on the server: were the statement that takes it along never sent, going back to it fails, rather than going back
    /// to the one before and undoing what is somebody else's.
    /// </remarks>
    public override Task SaveAsync(string savepointName, CancellationToken cancellationToken = default)
    {
        savepoints++;
        save = $"SAVEPOINT {NameOnServer(savepointName)}; ";
        return Task.CompletedTask;
    }

    public override Task RollbackAsync(string savepointName, CancellationToken cancellationToken = default)
    {
        if (save is null)
            return ExecuteAsync($"ROLLBACK TO SAVEPOINT {NameOnServer(savepointName)}");
        save = null; // Nothing was done since.
        return Task.CompletedTask;
    }

    public override void Commit() => CommitAsync().GetAwaiter().GetResult();

    public override void Rollback() => RollbackAsync().GetAwaiter().GetResult();

    public override async ValueTask DisposeAsync()
    {
        // On a connection that broke, the server rolls back by itself.
        if (!isOver && session.State == ConnectionState.Open)
        {
            try
            {
                await RollbackAsync();
            }
            catch (Exception e) when (e is DbException or InvalidOperationException)
            {
                // The next START TRANSACTION on this connection would commit what is left of this one. The server rolls it back when it is closed.
                session.GiveUp();
            }
        }

        await base.DisposeAsync();
    }

    private Task EndAsync(string sql) => ExecuteAsync(isGuarded ? sql + EndGuarded : sql);

    private string NameOnServer(string savepointName) => string.Create(CultureInfo.InvariantCulture, $"{savepointName}_{savepoints}");

    // Never cancelled: whether it took effect would be unknown.
    private async Task ExecuteAsync(string sql)
    {
        try
        {
            await using var command = session.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (ConnectionLostException.IsMeant(e, session))
        {
            throw new ConnectionLostException(e);
        }
    }
}
