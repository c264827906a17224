using System.Data.Common;
using System.Diagnostics;
using ModelRegistry.Server.Data.MySql;

namespace ModelRegistry.Server.Data;

/// <summary>One connection, with its transaction when it writes, for as long as one unit of work lasts.</summary>
/// <param name="watch">null when nobody wants to know of statements.</param>
internal sealed class SqlScope(
    DbConnection connection, DbTransaction? transaction, SqlDialect dialect, CancellationToken cancellationToken, StatementWatch? watch = null)
{
    /// <summary>Tells those who listen of each statement before it runs: <c>Statement</c>, a <see cref="DbCommand"/> with its values.</summary>
    private static readonly DiagnosticListener Listener = new("ModelRegistry.Server.Data");

    // On MySQL: begins with the first statement that is sent.
    private readonly DeferredTransaction? deferred = transaction as DeferredTransaction;

    private Action? committed;

    public SqlDialect Dialect { get; } = dialect;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>All rows.</summary>
    public Task<List<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        WatchReaderAsync(sql, parameters, RowMapper<T>.ReadAllAsync);

    /// <summary>Queries of the same values whose rows are read one after the other; sent at once where the database takes them so.</summary>
    public QueryResults QueryBatch(object? parameters, params string[] statements) => ExecuteThenQueryBatch(null, parameters, statements);

    /// <summary>As <see cref="QueryBatch"/>, after a statement that answers nothing.</summary>
    public QueryResults ExecuteThenQueryBatch(string? change, object? parameters, params string[] statements) =>
        new(this, parameters, change, statements, CanBatch ? OpenBatchAsync : null, watch);

    /// <summary>The first row, or the default of <typeparamref name="T"/> when there is none.</summary>
    public Task<T?> FindAsync<T>(string sql, object? parameters = null) =>
        WatchReaderAsync(sql, parameters, RowMapper<T>.ReadFirstAsync);

    /// <summary>The rows one by one, for answers that are too long to hold; those who watch statements see one that lasts until the last row is read.</summary>
    public Task<T> ReadAsync<T>(string sql, object? parameters, Func<DbDataReader, CancellationToken, Task<T>> read) =>
        WatchReaderAsync(sql, parameters, (reader, _, token) => read(reader, token));

    /// <summary>Number of rows the statement touched.</summary>
    public Task<int> ExecuteAsync(string sql, object? parameters = null) =>
        watch is null ? RunAsync(sql, parameters) : watch.WatchAsync(sql, (Scope: this, parameters), static (sql, it) => it.Scope.RunAsync(sql, it.parameters));

    /// <summary>
    /// Runs a statement, prepared once, for each of <paramref name="batches"/> of values, which are in the order of its parameters: <c>@p0</c>,
    /// <c>@p1</c> and so on. Those who watch statements see one.
    /// </summary>
    /// <returns>Number of rows touched in all.</returns>
    public Task<int> ExecuteEachAsync(string sql, IEnumerable<object?[]> batches) =>
        watch is null ? RunEachAsync(sql, batches) : watch.WatchAsync(sql, (Scope: this, batches), static (sql, it) => it.Scope.RunEachAsync(sql, it.batches));

    /// <summary>Whether what is done together travels together.</summary>
    public bool CanBatch => connection.CanCreateBatch;

    /// <summary>
    /// Runs statements whose values are in the order of their parameters, as in <see cref="ExecuteEachAsync"/>; sent at once. Those who watch
    /// statements see one.
    /// </summary>
    public Task ExecuteBatchAsync(IReadOnlyList<(string Sql, object?[] Values)> statements) =>
        watch is null
            ? RunTogetherAsync(statements)
            : watch.WatchAsync(string.Join("; ", statements.Select(one => one.Sql)), (Scope: this, statements), static (_, it) => it.Scope.RunTogetherAsync(it.statements));

    /// <summary>Has <paramref name="action"/> done right after the commit; it is forgotten when the transaction is rolled back.</summary>
    public void AfterCommit(Action action) => committed += action;

    /// <summary>For <see cref="Database"/> alone.</summary>
    public void RunCommitCallbacks() => committed?.Invoke();

    /// <summary>A command on this connection, and so in its transaction; the caller disposes of it.</summary>
    public DbCommand CreateCommand(string sql) => Dialect.CreateCommand(connection, sql);

    private async Task<int> RunAsync(string sql, object? parameters)
    {
        await using var command = CreateCommand(sql, parameters);
        return await command.ExecuteNonQueryAsync(CancellationToken);
    }

    private async Task<int> RunEachAsync(string sql, IEnumerable<object?[]> batches)
    {
        await using var command = CreateCommand(sql);
        var touched = 0;
        foreach (var values in batches)
        {
            command.CommandText = Lead(sql);
            SqlParameters.ApplyInOrder(command.Parameters, command.CreateParameter, values);
            touched += await command.ExecuteNonQueryAsync(CancellationToken);
        }

        return touched;
    }

    private async Task<int> RunTogetherAsync(IReadOnlyList<(string Sql, object?[] Values)> statements)
    {
        await using var batch = connection.CreateBatch();
        foreach (var (sql, values) in statements)
        {
            var member = batch.CreateBatchCommand();
            member.CommandText = Lead(sql);
            SqlParameters.ApplyInOrder(member.Parameters, member.CreateParameter, values);
            batch.BatchCommands.Add(member);
        }

        return await batch.ExecuteNonQueryAsync(CancellationToken);
    }

    private async Task<DbDataReader> OpenBatchAsync(string[] statements, object? parameters)
    {
        await using var batch = connection.CreateBatch();
        foreach (var sql in statements)
        {
            using var command = CreateCommand(sql, parameters);
            var member = batch.CreateBatchCommand();
            member.CommandText = command.CommandText;
            foreach (DbParameter parameter in command.Parameters)
                member.Parameters.Add(parameter);
            batch.BatchCommands.Add(member);
        }

        return await batch.ExecuteReaderAsync(CancellationToken);
    }

    private Task<T> WatchReaderAsync<T>(string sql, object? parameters, Func<DbDataReader, DbCommand, CancellationToken, Task<T>> read) =>
        watch is null
            ? RunReaderAsync(sql, parameters, read)
            : watch.WatchAsync(sql, (Scope: this, parameters, read), static (sql, it) => it.Scope.RunReaderAsync(sql, it.parameters, it.read));

    private async Task<T> RunReaderAsync<T>(string sql, object? parameters, Func<DbDataReader, DbCommand, CancellationToken, Task<T>> read)
    {
        await using var command = CreateCommand(sql, parameters);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(CancellationToken);
            return await read(reader, command, CancellationToken);
        }
        catch (DbException e) when (CancellationToken.IsCancellationRequested && Dialect.IsInterrupted(e))
        {
            throw new OperationCanceledException(e.Message, e, CancellationToken);
        }
    }

    private DbCommand CreateCommand(string sql, object? parameters)
    {
        CancellationToken.ThrowIfCancellationRequested();
        var command = SqlParameters.CreateCommand(CreateCommand, sql, parameters);
        if (Listener.IsEnabled())
            Listener.Write("Statement", command);
        command.CommandText = Lead(command.CommandText);
        return command;
    }

    /// <summary>The text of a statement that is sent next, behind what begins its transaction.</summary>
    private string Lead(string sql) => deferred?.Lead(sql) ?? sql;
}
