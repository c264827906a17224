using System.Data.Common;
using System.Diagnostics;

namespace ModelRegistry.Server.Data;

/// <summary>One connection, with its transaction when it writes, for as long as one unit of work lasts.</summary>
/// <param name="slow">null when nobody wants to know of slow statements.</param>
internal sealed class SqlScope(
    DbConnection connection, DbTransaction? transaction, SqlDialect dialect, CancellationToken cancellationToken, SlowStatements? slow = null)
{
    /// <summary>Tells those who listen of each statement before it runs: <c>Statement</c>, a <see cref="DbCommand"/> with its values.</summary>
    private static readonly DiagnosticListener Listener = new("ModelRegistry.Server.Data");

    private Action? committed;

    public SqlDialect Dialect { get; } = dialect;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>All rows.</summary>
    public Task<List<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        slow is null ? ReadAllAsync<T>(sql, parameters) : slow.WatchAsync(sql, () => ReadAllAsync<T>(sql, parameters));

    /// <summary>The first row, or the default of <typeparamref name="T"/> when there is none.</summary>
    public Task<T?> FindAsync<T>(string sql, object? parameters = null) =>
        slow is null ? ReadFirstAsync<T>(sql, parameters) : slow.WatchAsync(sql, () => ReadFirstAsync<T>(sql, parameters));

    /// <summary>The rows one by one, for answers that are too long to hold; the caller disposes of the reader.</summary>
    public Task<DbDataReader> OpenReaderAsync(string sql, object? parameters = null) =>
        CreateCommand(sql, parameters).ExecuteReaderAsync(CancellationToken);

    /// <summary>Number of rows the statement touched.</summary>
    public Task<int> ExecuteAsync(string sql, object? parameters = null) =>
        slow is null ? RunAsync(sql, parameters) : slow.WatchAsync(sql, () => RunAsync(sql, parameters));

    /// <summary>Runs a statement, prepared once, with other values each time; those who watch for slow statements see one.</summary>
    public Task<int> RepeatAsync(string sql, int times, Action<DbCommand, int> bind) =>
        slow is null ? RunRepeatedlyAsync(sql, times, bind) : slow.WatchAsync(sql, () => RunRepeatedlyAsync(sql, times, bind));

    /// <summary>Has <paramref name="action"/> done right after the commit; it is forgotten when the transaction is rolled back.</summary>
    public void AfterCommit(Action action) => committed += action;

    /// <summary>For <see cref="Database"/> alone.</summary>
    public void TellCommitted() => committed?.Invoke();

    private async Task<int> RunAsync(string sql, object? parameters)
    {
        await using var command = CreateCommand(sql, parameters);
        return await command.ExecuteNonQueryAsync(CancellationToken);
    }

    private async Task<int> RunRepeatedlyAsync(string sql, int times, Action<DbCommand, int> bind)
    {
        await using var command = CreateCommand(sql);
        var touched = 0;
        for (var turn = 0; turn < times; turn++)
        {
            bind(command, turn);
            touched += await command.ExecuteNonQueryAsync(CancellationToken);
        }

        return touched;
    }

    private async Task<List<T>> ReadAllAsync<T>(string sql, object? parameters)
    {
        await using var command = CreateCommand(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(CancellationToken);
        var rows = new List<T>();
        if (!reader.HasRows)
            return rows;
        var read = RowMapper<T>.For(reader);
        while (await reader.ReadAsync(CancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    private async Task<T?> ReadFirstAsync<T>(string sql, object? parameters)
    {
        await using var command = CreateCommand(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(CancellationToken);
        return await reader.ReadAsync(CancellationToken) ? RowMapper<T>.For(reader)(reader) : default;
    }

    /// <summary>A command on this connection, in its transaction; the caller disposes of it.</summary>
    public DbCommand CreateCommand(string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        return command;
    }

    private DbCommand CreateCommand(string sql, object? parameters)
    {
        var command = CreateCommand("");
        SqlParameters.Apply(command, sql, parameters);
        if (Listener.IsEnabled())
            Listener.Write("Statement", command);
        return command;
    }
}
