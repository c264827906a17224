using System.Data.Common;

namespace ModelRegistry.Server.Data;

/// <summary>A write that shares a transaction with others.</summary>
internal abstract class PendingWrite
{
    /// <summary>Does the work and keeps its result.</summary>
    /// <returns>Why it failed; null when it did not.</returns>
    public abstract Task<Exception?> RunAsync(DbConnection connection, DbTransaction? transaction, SqlDialect dialect);

    /// <summary>Does the work in a transaction of its own and tells the caller; where there is no such way, tells it of <paramref name="failure"/>.</summary>
    /// <param name="failure">What ended the transaction that it shared.</param>
    public abstract Task RunAloneAsync(Exception failure);

    /// <summary>Tells the caller, once: a later failure of the batch does not replace its own.</summary>
    public abstract void Fail(Exception failure);

    /// <summary>Tells the caller that its write is on the disk.</summary>
    public abstract void Succeed();
}

/// <param name="alone">The same work in a transaction of its own; null where the shared one is the only way.</param>
internal sealed class PendingWrite<T>(
    Func<SqlScope, Task<T>> work, StatementWatch? watch, CancellationToken cancellationToken, Func<Task<T>>? alone = null) : PendingWrite
{
    private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Another request may run this: logs and traces are to stay with the request that asked.
    private readonly ExecutionContext? context = ExecutionContext.Capture();
    private SqlScope? scope;
    private T? result;

    public Task<T> Answer => answer.Task;

    public override async Task<Exception?> RunAsync(DbConnection connection, DbTransaction? transaction, SqlDialect dialect)
    {
        if (cancellationToken.IsCancellationRequested)
            return new OperationCanceledException(cancellationToken);
        scope = new SqlScope(connection, transaction, dialect, cancellationToken, watch);
        try
        {
            result = await Start(() => work(scope));
            return null;
        }
        catch (Exception e)
        {
            return ConnectionLostException.IsMeant(e, connection) ? new ConnectionLostException(e) : e;
        }
    }

    public override async Task RunAloneAsync(Exception failure)
    {
        if (alone is null)
        {
            Fail(failure);
            return;
        }

        try
        {
            answer.TrySetResult(await Start(alone));
        }
        catch (Exception e)
        {
            answer.TrySetException(e);
        }
    }

    public override void Fail(Exception failure) => answer.TrySetException(failure);

    public override void Succeed()
    {
        try
        {
            scope!.RunCommitCallbacks();
            answer.TrySetResult(result!);
        }
        catch (Exception e)
        {
            answer.TrySetException(e);
        }
    }

    private Task<T> Start(Func<Task<T>> function)
    {
        if (context is null)
            return function();
        Task<T>? task = null;
        ExecutionContext.Run(context, _ => task = function(), null);
        return task!;
    }
}
