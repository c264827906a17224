using System.Data.Common;
using Dapper;

namespace ModelRegistry.Server.Data;

/// <summary>One connection, with its transaction when it writes, for as long as one unit of work lasts.</summary>
/// <param name="slow">null when nobody wants to know of slow statements.</param>
internal sealed class SqlScope(
    DbConnection connection, DbTransaction? transaction, SqlDialect dialect, CancellationToken cancellationToken, SlowStatements? slow = null)
{
    private Action? committed;

    public SqlDialect Dialect { get; } = dialect;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>All rows.</summary>
    public async Task<List<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        (slow is null
            ? await connection.QueryAsync<T>(Command(sql, parameters))
            : await slow.WatchAsync(sql, () => connection.QueryAsync<T>(Command(sql, parameters)))).AsList();

    /// <summary>The first row, or the default of <typeparamref name="T"/> when there is none.</summary>
    public Task<T?> FindAsync<T>(string sql, object? parameters = null) =>
        slow is null
            ? connection.QueryFirstOrDefaultAsync<T?>(Command(sql, parameters))
            : slow.WatchAsync(sql, () => connection.QueryFirstOrDefaultAsync<T?>(Command(sql, parameters)));

    /// <summary>The rows one by one, for answers that are too long to hold; the caller disposes of the reader.</summary>
    public Task<DbDataReader> OpenReaderAsync(string sql, object? parameters = null) => connection.ExecuteReaderAsync(Command(sql, parameters));

    /// <summary>Number of rows the statement touched.</summary>
    public Task<int> ExecuteAsync(string sql, object? parameters = null) =>
        slow is null ? connection.ExecuteAsync(Command(sql, parameters)) : slow.WatchAsync(sql, () => connection.ExecuteAsync(Command(sql, parameters)));

    /// <summary>Runs a command of <see cref="CreateCommand"/>.</summary>
    public Task<int> ExecuteAsync(DbCommand command) =>
        slow is null ? command.ExecuteNonQueryAsync(CancellationToken) : slow.WatchAsync(command.CommandText, () => command.ExecuteNonQueryAsync(CancellationToken));

    /// <summary>A command for a statement that runs several times with other values; the caller disposes of it.</summary>
    public DbCommand CreateCommand(string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        return command;
    }

    /// <summary>Has <paramref name="action"/> done right after the commit; it is forgotten when the transaction is rolled back.</summary>
    public void AfterCommit(Action action) => committed += action;

    /// <summary>For <see cref="Database"/> alone.</summary>
    public void TellCommitted() => committed?.Invoke();

    private CommandDefinition Command(string sql, object? parameters) =>
        new(sql, parameters, transaction, cancellationToken: CancellationToken);
}
