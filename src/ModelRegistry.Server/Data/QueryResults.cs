using System.Data.Common;

namespace ModelRegistry.Server.Data;

/// <summary>The rows of several queries, see <see cref="SqlScope.QueryBatch"/>.</summary>
/// <param name="change">What is done before them; null for nothing.</param>
/// <param name="open">Sends all of them at once; null where each is a call into this process anyway.</param>
/// <param name="watch">null when nobody wants to know of statements.</param>
internal sealed class QueryResults(
    SqlScope scope, object? parameters, string? change, string[] statements, Func<string[], object?, Task<DbDataReader>>? open, StatementWatch? watch)
    : IAsyncDisposable
{
    private DbDataReader? reader;
    private int next;

    /// <summary>All rows of the next query. Other statements can run again when the last one has been read.</summary>
    public Task<List<T>> ReadAsync<T>()
    {
        if (open is null)
            return QueryNextAsync<T>();
        return watch is null ? ReadNextAsync<T>() : watch.WatchAsync(statements[next], this, static (_, it) => it.ReadNextAsync<T>());
    }

    public ValueTask DisposeAsync() => reader?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<List<T>> QueryNextAsync<T>()
    {
        if (next == 0 && change is not null)
            await scope.ExecuteAsync(change, parameters);
        return await scope.QueryAsync<T>(statements[next++], parameters);
    }

    private async Task<List<T>> ReadNextAsync<T>()
    {
        if (reader is null)
            reader = await open!(change is null ? statements : [change, .. statements], parameters);
        else
            await reader.NextResultAsync(scope.CancellationToken);
        var rows = await RowMapper<T>.ReadAllAsync(reader, null, scope.CancellationToken);
        if (++next == statements.Length)
            await reader.DisposeAsync();
        return rows;
    }
}
