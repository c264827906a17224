namespace ModelRegistry.MySqlClient.Statements;

/// <summary>The statements one session has prepared; the one that was not used for longest goes when it is full.</summary>
internal sealed class StatementCache
{
    private const int Capacity = 200;

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
        return evicted;
    }

    public void Clear()
    {
        entries.Clear();
        byUse.Clear();
    }
}
