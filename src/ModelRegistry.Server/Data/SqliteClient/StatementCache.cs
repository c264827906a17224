using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ModelRegistry.Server.Data.SqliteClient;

/// <summary>The compiled statements of one connection: compiling one costs several times what running it does.</summary>
internal sealed class StatementCache(sqlite3 database) : IDisposable
{
    // Our statements are about two hundred; searches and lists add forms of their own, the oldest of which go.
    private const int Capacity = 300;

    private readonly Dictionary<string, LinkedListNode<(string Sql, PreparedStatement Statement)>> bySql = [];
    private readonly LinkedList<(string Sql, PreparedStatement Statement)> byAge = [];

    /// <summary>The statement of <paramref name="sql"/>, for the caller alone until it is given back.</summary>
    /// <returns>null when the text holds more than one statement.</returns>
    public PreparedStatement? Take(string sql)
    {
        if (bySql.Remove(sql, out var node))
        {
            byAge.Remove(node);
            return node.Value.Statement;
        }

        var code = raw.sqlite3_prepare_v2(database, sql, out var handle, out var tail);
        if (code != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(code, database);
        if (string.IsNullOrWhiteSpace(tail))
            return new PreparedStatement(database, handle);
        handle.Dispose();
        return null;
    }

    public void GiveBack(string sql, PreparedStatement statement)
    {
        statement.Reset();
        var node = new LinkedListNode<(string, PreparedStatement)>((sql, statement));
        if (!bySql.TryAdd(sql, node))
        {
            statement.Dispose();
            return;
        }

        byAge.AddLast(node);
        if (byAge.Count <= Capacity)
            return;
        var oldest = byAge.First!.Value;
        byAge.RemoveFirst();
        bySql.Remove(oldest.Sql);
        oldest.Statement.Dispose();
    }

    public void Dispose()
    {
        foreach (var (_, statement) in byAge)
            statement.Dispose();
        byAge.Clear();
        bySql.Clear();
    }
}
