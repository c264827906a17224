using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace ModelRegistry.Server.Data;

/// <summary>The commands of one connection, each prepared once for its text: compiling a statement costs several times what running it does.</summary>
internal sealed class SqliteCommandCache(PooledSqliteConnection connection) : IDisposable
{
    // Our statements are about two hundred; searches and lists add forms of their own, the oldest of which go.
    private const int Capacity = 300;

    private readonly Dictionary<string, PreparedSqliteCommand> bySql = [];
    private readonly LinkedList<PreparedSqliteCommand> idle = [];
    private bool isDisposed;

    /// <summary>A command for the caller alone, until it is disposed of.</summary>
    public PreparedSqliteCommand Take(string sql)
    {
        // One that is running has to be compiled once more to run inside itself.
        if (!bySql.TryGetValue(sql, out var command) || command.Place.List is null)
            return new PreparedSqliteCommand(this, connection, sql);
        idle.Remove(command.Place);
        return command;
    }

    public void Dispose()
    {
        isDisposed = true;
        foreach (var command in idle)
            command.Retire();
        idle.Clear();
        bySql.Clear();
    }

    internal void GiveBack(PreparedSqliteCommand command)
    {
        if (isDisposed || (!command.IsKept && !bySql.TryAdd(command.CommandText, command)))
        {
            command.Retire();
            return;
        }

        command.IsKept = true;
        idle.AddLast(command.Place);
        if (idle.Count <= Capacity)
            return;
        var oldest = idle.First!.Value;
        idle.RemoveFirst();
        bySql.Remove(oldest.CommandText);
        oldest.Retire();
    }
}

/// <summary>A command that stays prepared: disposing gives it back to its connection.</summary>
internal sealed class PreparedSqliteCommand : SqliteCommand
{
    private readonly SqliteCommandCache owner;
    private readonly PooledSqliteConnection connection;
    private bool isRetired;

    public PreparedSqliteCommand(SqliteCommandCache owner, PooledSqliteConnection connection, string sql)
        : base(sql, connection)
    {
        (this.owner, this.connection) = (owner, connection);
        Place = new LinkedListNode<PreparedSqliteCommand>(this);
    }

    /// <summary>Its place among those that wait to be used; in no list while it is in use.</summary>
    public LinkedListNode<PreparedSqliteCommand> Place { get; }

    /// <summary>It is the one that is used again for its text.</summary>
    public bool IsKept { get; set; }

    /// <summary>How the rows of its answer are read, once that is known: finding it out costs as much as reading some of them.</summary>
    public Delegate? RowReader { get; set; }

    /// <summary>Ends it for good.</summary>
    public void Retire()
    {
        isRetired = true;
        Dispose();
    }

    protected override Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        connection.Reading = cancellationToken;
        return Task.FromResult<DbDataReader>(ExecuteReader(behavior));
    }

    // SQLite has no asynchronous calls, and ADO.NET's own method would register with the token for a Cancel that does nothing.
    public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        connection.Reading = CancellationToken.None;
        return Task.FromResult(ExecuteNonQuery());
    }

    protected override void Dispose(bool disposing)
    {
        if (isRetired || !disposing)
        {
            base.Dispose(disposing);
            return;
        }

        // Large values are not kept alive for as long as the command is.
        foreach (SqliteParameter parameter in Parameters)
            parameter.Value = DBNull.Value;
        owner.GiveBack(this);
    }
}
