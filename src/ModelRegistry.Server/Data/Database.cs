using System.Data.Common;
using System.Diagnostics;

namespace ModelRegistry.Server.Data;

/// <summary>
/// The way to the relational store. Reads run on one connection; a write is one transaction that is either acknowledged whole or gone.
/// </summary>
/// <param name="readers">Connections for reads.</param>
/// <param name="writers">Connections for writes; may be the same pool.</param>
internal sealed class Database(DbDataSource readers, DbDataSource writers, SqlDialect dialect) : IDisposable
{
    // A client that has waited this long is better served with a 503 than with one more wait for a lock or a connection.
    private static readonly TimeSpan RetryDeadline = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BatchLimit = TimeSpan.FromMilliseconds(20);

    private readonly WriteBatcher batcher = new(writers, dialect, BatchLimit);

    public SqlDialect Dialect { get; } = dialect;

    /// <summary>Set before the first request when slow statements are to be told, or statements traced; null otherwise.</summary>
    public StatementWatch? StatementWatch { get; set; }

    /// <summary>Runs statements that change nothing, all on one connection.</summary>
    public Task<T> ReadAsync<T>(Func<SqlScope, Task<T>> work, CancellationToken cancellationToken) =>
        Dialect.MaxAttempts == 1 ? ReadOnceAsync(work, cancellationToken) : RepeatAsync(_ => ReadOnceAsync(work, cancellationToken), cancellationToken);

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction and commits it; an exception rolls everything back. After a deadlock or a lost
    /// connection the work is done again from the start, so it must not keep anything from a first try.
    /// </summary>
    /// <param name="row">
    /// Name of the row that the work locks first, such as a run's; writes of the same row may share a transaction. null for none.
    /// </param>
    public Task<T> WriteAsync<T>(Func<SqlScope, Task<T>> work, CancellationToken cancellationToken, string? row = null)
    {
        if (Dialect.HasOneWriter)
            return batcher.WriteAsync("", work, null, StatementWatch, cancellationToken);
        return row is null
            ? WriteAloneAsync(work, cancellationToken)
            : batcher.WriteAsync(row, work, () => WriteAloneAsync(work, cancellationToken), StatementWatch, cancellationToken);
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<SqlScope, Task> work, CancellationToken cancellationToken, string? row = null) =>
        WriteAsync(
            async scope =>
            {
                await work(scope);
                return true;
            },
            cancellationToken,
            row);

    private async Task<T> ReadOnceAsync<T>(Func<SqlScope, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        try
        {
            return await work(new SqlScope(connection, null, Dialect, cancellationToken, StatementWatch));
        }
        catch (Exception e) when (ConnectionLostException.IsMeant(e, connection))
        {
            throw new ConnectionLostException(e);
        }
    }

    private Task<T> WriteAloneAsync<T>(Func<SqlScope, Task<T>> work, CancellationToken cancellationToken) =>
        RepeatAsync(
            async attempt =>
            {
                await using var connection = await writers.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var scope = new SqlScope(connection, transaction, Dialect, cancellationToken, StatementWatch);
                T result;
                try
                {
                    result = await work(scope);
                }
                catch (Exception e) when (ConnectionLostException.IsMeant(e, connection))
                {
                    throw new ConnectionLostException(e);
                }

                // Not cancellable: a client that hangs up now must not leave us unsure whether the write happened.
                attempt.IsFinal = true;
                await transaction.CommitAsync(CancellationToken.None);
                scope.RunCommitCallbacks();
                return result;
            },
            cancellationToken);

    private async Task<T> RepeatAsync<T>(Func<Attempt, Task<T>> work, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        for (var number = 1; ; number++)
        {
            var attempt = new Attempt();
            try
            {
                return await work(attempt);
            }
            catch (DbException e) when (clock.Elapsed < RetryDeadline && MayRepeat(e, attempt, number))
            {
                await Task.Delay(Backoff(number), cancellationToken);
            }
        }
    }

    /// <remarks>Conflicts are not counted: on a cluster, who meets many others needs more tries than there are signs that a database is gone.</remarks>
    private bool MayRepeat(DbException exception, Attempt attempt, int number) =>
        exception is WriteConflictException || Dialect.IsConflict(exception) || (!attempt.IsFinal && number < Dialect.MaxAttempts && Dialect.IsTransient(exception));

    /// <summary>Grows with each try, and is random, so that those who met once do not meet again.</summary>
    private static TimeSpan Backoff(int attempt) => TimeSpan.FromMilliseconds(Random.Shared.Next(1, 5 << Math.Min(attempt, 6)));

    public void Dispose()
    {
        readers.Dispose();
        writers.Dispose();
    }

    private sealed class Attempt
    {
        /// <summary>Whether it took effect cannot be known any more when it fails from now on.</summary>
        public bool IsFinal { get; set; }
    }
}
