using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ModelRegistry.Server.Data;

/// <summary>An open connection of a pool, with the commands that are prepared on it. Disposing gives it back instead of closing it.</summary>
/// <param name="giveBack">Takes it into the pool.</param>
internal sealed class PooledSqliteConnection(string connectionString, Action<PooledSqliteConnection> giveBack) : SqliteConnection(connectionString)
{
    // Steps of SQLite's virtual machine between two looks at the token: a lookup takes a hundred, a millisecond some ten thousand.
    private const int StepsBetweenLooks = 10_000;

    private SqliteCommandCache? commands;
    private bool isRetired;

    /// <summary>Who no longer waits for the rows that are being read: cancelling it ends the statement.</summary>
    public CancellationToken Reading { get; set; }

    /// <summary>Opens the connection and runs the statements that it begins with.</summary>
    public void Open(string setup)
    {
        Open();
        using var command = CreateCommand();
        command.CommandText = setup;
        command.ExecuteNonQuery();
        CreateFunction<string?, string?, bool>("regexp", SqliteRegex.Matches, isDeterministic: true);

        // Asked from inside the statement, on its own thread. sqlite3_interrupt would come from another one, where it meets the next user's statement
        // or, before the first step, none at all.
        raw.sqlite3_progress_handler(Handle, StepsBetweenLooks, static self => ((PooledSqliteConnection)self).IsAbandoned() ? 1 : 0, this);
    }

    /// <summary>The command for a statement, which disposing keeps for the next time.</summary>
    public SqliteCommand Take(string sql) => (commands ??= new SqliteCommandCache(this)).Take(sql);

    /// <summary>Closes it.</summary>
    public void Retire()
    {
        isRetired = true;
        Dispose();
    }

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => new SqliteWriteTransaction(this);

    protected override void Dispose(bool disposing)
    {
        if (isRetired || !disposing || State != ConnectionState.Open)
        {
            commands?.Dispose();
            base.Dispose(disposing);
            return;
        }

        Reading = CancellationToken.None;
        giveBack(this);
    }

    // A statement that is ended inside a transaction can take all of it along, and a transaction may be of several writes: these are short, and run to
    // their end.
    private bool IsAbandoned() => Reading.IsCancellationRequested && raw.sqlite3_get_autocommit(Handle) != 0;
}
