using ModelRegistry.MySqlClient.Protocol.Payloads;

namespace ModelRegistry.MySqlClient.Statements;

/// <summary>A statement that the server has prepared.</summary>
internal sealed class PreparedStatement(uint id, ColumnPayload[] columns)
{
    public uint Id => id;

    /// <summary>The columns of its rows, as the server has described them last.</summary>
    public ColumnPayload[] Columns { get; set; } = columns;

    /// <summary>Whether the session has not given it up for others.</summary>
    public bool IsKept { get; set; } = true;
}

/// <summary>The statements one session has prepared; the one that was not used for longest goes when it is full.</summary>
internal sealed class StatementCache
{
    /// <summary>Statements one session may keep; a server allows 16382 for all sessions together unless told otherwise.</summary>
    public const int Capacity = 128;

    private readonly Dictionary<string, LinkedListNode<(string Sql, PreparedStatement Statement)>> entries = [];
    private readonly LinkedList<(string Sql, PreparedStatement Statement)> byUse = new();

    public PreparedStatement? Find(string sql)
    {
        if (!entries.TryGetValue(sql, out var node))
            return null;
        byUse.Remove(node);
        byUse.AddFirst(node);
        return node.Value.Statement;
    }

    /// <returns>The statement that had to make room, for the caller to close on the server.</returns>
    public PreparedStatement? Add(string sql, PreparedStatement statement)
    {
        entries[sql] = byUse.AddFirst((sql, statement));
        if (entries.Count <= Capacity)
            return null;
        var (oldest, evicted) = byUse.Last!.Value;
        byUse.RemoveLast();
        entries.Remove(oldest);
        evicted.IsKept = false;
        return evicted;
    }

    /// <summary>Every statement kept, for the caller to close on the server.</summary>
    public PreparedStatement[] TakeAll()
    {
        PreparedStatement[] all = [.. byUse.Select(entry => entry.Statement)];
        Clear();
        return all;
    }

    public void Clear()
    {
        foreach (var (_, statement) in byUse)
            statement.IsKept = false;
        entries.Clear();
        byUse.Clear();
    }
}
