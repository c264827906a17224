using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ModelRegistry.Server.Data.SqliteClient;

/// <summary>The compiled statements of one connection: compiling one costs several times what running it does.</summary>
internal sealed class StatementCache(sqlite3 database) : IDisposable
{
    // Our statements are about two hundred; searches and lists add forms of their own, the oldest of which go.
    private const int Capacity = 300;

    private readonly Dictionary<string, PreparedStatement> bySql = [];
    private readonly LinkedList<PreparedStatement> byAge = [];
    private bool isDisposed;

    /// <summary>The statement of <paramref name="sql"/>, for the caller alone until it is given back.</summary>
    /// <returns>null when the text holds more than one statement.</returns>
    public PreparedStatement? Take(string sql)
    {
        if (bySql.TryGetValue(sql, out var known) && known.InOrderOfUse.List is not null)
        {
            byAge.Remove(known.InOrderOfUse);
            return known;
        }

        var code = raw.sqlite3_prepare_v2(database, sql, out var handle, out var tail);
        if (code != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(code, database);
        if (string.IsNullOrWhiteSpace(tail))
            return new PreparedStatement(database, handle, sql);
        handle.Dispose();
        return null;
    }

    public void GiveBack(PreparedStatement statement)
    {
        statement.Reset();

        // One that ran inside itself has been compiled twice.
        if (isDisposed || (!statement.IsKept && !bySql.TryAdd(statement.Sql, statement)))
        {
            statement.Dispose();
            return;
        }

        statement.IsKept = true;
        byAge.AddLast(statement.InOrderOfUse);
        if (byAge.Count <= Capacity)
            return;
        var oldest = byAge.First!.Value;
        byAge.RemoveFirst();
        bySql.Remove(oldest.Sql);
        oldest.Dispose();
    }

    /// <summary>A statement that is in use is disposed of when it is given back.</summary>
    public void Dispose()
    {
        isDisposed = true;
        foreach (var statement in byAge)
            statement.Dispose();
        byAge.Clear();
        bySql.Clear();
    }
}
