namespace ModelRegistry.Server.Data;

/// <summary>Statements that name ids, run once for every few of them: how many a statement may name is limited, how many a client may ask for is not.</summary>
internal static class IdChunks
{
    /// <summary>Ids in one statement; for the few that ask several things about the same ids.</summary>
    public const int Size = 500;

    /// <summary>All rows: those of the first ids first.</summary>
    /// <param name="values">The values of the statement, among them the ids that it is to name.</param>
    public static async Task<List<TRow>> QueryInChunksAsync<TId, TRow>(this SqlScope scope, string sql, IEnumerable<TId> ids, Func<TId[], object> values)
    {
        var rows = new List<TRow>();
        foreach (var chunk in ids.Chunk(Size))
            rows.AddRange(await scope.QueryAsync<TRow>(sql, values(chunk)));
        return rows;
    }

    /// <returns>Number of rows touched in all.</returns>
    /// <inheritdoc cref="QueryInChunksAsync"/>
    public static async Task<int> ExecuteInChunksAsync<TId>(this SqlScope scope, string sql, IEnumerable<TId> ids, Func<TId[], object> values)
    {
        var touched = 0;
        foreach (var chunk in ids.Chunk(Size))
            touched += await scope.ExecuteAsync(sql, values(chunk));
        return touched;
    }
}
