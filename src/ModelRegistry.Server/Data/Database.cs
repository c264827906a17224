using System.Data;
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

    /// <summary>Runs <paramref name="work"/> in one transaction and commits it; an exception rolls everything back.</summary>
    public async Task<T> WriteAsync<T>(Func<SqlScope, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await writers.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable, cancellationToken);
        var result = await work(new SqlScope(connection, transaction, Dialect, cancellationToken));

        // Not cancellable: a client that hangs up now must not leave us unsure whether the write happened.
        await transaction.CommitAsync(CancellationToken.None);
        return result;
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

    public void Dispose()
    {
        readers.Dispose();
        writers.Dispose();
    }
}
