using System.Data.Common;

namespace ModelRegistry.Server.Data;

/// <summary>
/// The way to the relational store. Reads run on one connection; a write is one transaction that is either acknowledged whole or gone.
/// </summary>
/// <param name="readers">Connections for reads.</param>
/// <param name="writers">Connections for writes; may be the same pool.</param>
internal sealed class Database(DbDataSource readers, DbDataSource writers, SqlDialect dialect) : IDisposable
{
    public SqlDialect Dialect { get; } = dialect;

    /// <summary>Runs statements that change nothing, all on one connection.</summary>
    public async Task<T> ReadAsync<T>(Func<SqlScope, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await work(new SqlScope(connection, null, Dialect, cancellationToken));
    }

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction and commits it; an exception rolls everything back. After a deadlock or a lost
    /// connection the work is done again from the start, so it must not keep anything from a first try.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<SqlScope, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var isCommitting = false;
            try
            {
                await using var connection = await writers.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(Dialect.WriteIsolation, cancellationToken);
                var scope = new SqlScope(connection, transaction, Dialect, cancellationToken);
                var result = await work(scope);

                // Not cancellable: a client that hangs up now must not leave us unsure whether the write happened.
                isCommitting = true;
                await transaction.CommitAsync(CancellationToken.None);
                scope.TellCommitted();
                return result;
            }
            catch (DbException e) when (!isCommitting && attempt < Dialect.MaxAttempts && Dialect.IsTransient(e))
            {
                await Task.Delay(Backoff(attempt), cancellationToken);
            }
        }
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<SqlScope, Task> work, CancellationToken cancellationToken) =>
        WriteAsync(
            async scope =>
            {
                await work(scope);
                return true;
            },
            cancellationToken);

    /// <summary>Grows with each try, and is random, so that those who met once do not meet again.</summary>
    private static TimeSpan Backoff(int attempt) => TimeSpan.FromMilliseconds(Random.Shared.Next(1, 5 << Math.Min(attempt, 6)));

    public void Dispose()
    {
        readers.Dispose();
        writers.Dispose();
    }
}
