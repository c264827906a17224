using System.Data.Common;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace ModelRegistry.Server.Data;

/// <summary>
/// Writes that would wait for one another anyway: for the lock of one row, or for the one writer that a database has. Those that arrive while one is
/// under way go together into the next transaction: each behind a savepoint of its own and with its own answer, and with one commit for all. Nobody
/// is told of success before that commit, and nobody waits for company. Whatever is out of the ordinary, such as a deadlock, sends each of them into
/// a transaction of its own, where there is such a way.
/// </summary>
/// <param name="maxDuration">For how long a transaction takes others in; it bounds what the first waits for the last.</param>
internal sealed class WriteBatcher(DbDataSource writers, SqlDialect dialect, TimeSpan maxDuration)
{
    private const int MaxMembers = 256;
    private const string Savepoint = "member";

    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<PendingWrite>> queues = new(StringComparer.Ordinal);

    /// <param name="queue">Whom the write waits for: the name of the row that the work locks first, or one name for all.</param>
    /// <param name="alone">The work in a transaction of its own, with all that is done about failures there; null where this is the only way.</param>
    public Task<T> WriteAsync<T>(
        string queue, Func<SqlScope, Task<T>> work, Func<Task<T>>? alone, StatementWatch? watch, CancellationToken cancellationToken)
    {
        var member = new PendingWrite<T>(work, watch, cancellationToken, alone);
        lock (gate)
        {
            if (queues.TryGetValue(queue, out var waiting))
            {
                waiting.Enqueue(member);
                return member.Answer;
            }

            queues.Add(queue, new Queue<PendingWrite>([member]));
        }

        // On the caller's own thread: a lone write costs no change of threads.
        _ = RunNextAsync(queue);
        return member.Answer;
    }

    /// <summary>Runs one batch, then has another thread run the next: the one who runs a batch is a caller that waits for its own answer.</summary>
    private async Task RunNextAsync(string queue)
    {
        var batch = new List<PendingWrite>();
        var hasBegun = false;
        try
        {
            await using var connection = await writers.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            hasBegun = true;
            await FillAsync(queue, batch, connection, transaction);
            if (batch.Count > 0)
                await CommitAsync(batch, transaction);
        }
        catch (Exception e)
        {
            // No connection or no lock was to be had: those who wait would wait for it in vain, one batch after the other.
            while (!hasBegun && Take(queue) is { } member)
                batch.Add(member);

            // Each meets the failure again, and deals with it: tries once more, or tells its caller.
            await Task.WhenAll(batch.Select(member => member.RunAloneAsync(e)));
        }

        if (!IsDone(queue))
            ThreadPool.UnsafeQueueUserWorkItem(static next => _ = next.Batcher.RunNextAsync(next.Queue), (Batcher: this, Queue: queue), preferLocal: false);
    }

    /// <summary>Does the work of those who wait, and of those who come meanwhile.</summary>
    /// <param name="batch">Gets those whose work is part of the transaction.</param>
    private async Task FillAsync(string queue, List<PendingWrite> batch, DbConnection connection, DbTransaction transaction)
    {
        var clock = Stopwatch.StartNew();
        while (batch.Count < MaxMembers && clock.Elapsed < maxDuration && Take(queue) is { } member)
        {
            // The first has nobody to protect: if it fails, the transaction ends with it.
            var isFirst = batch.Count == 0;
            batch.Add(member);
            if (!isFirst)
                await transaction.SaveAsync(Savepoint);
            if (await RunAsync(member, connection, transaction) is { } failure)
            {
                batch.Remove(member);
                if (isFirst)
                    return;
                await UndoAsync(transaction, failure);
            }
            else if (!isFirst && dialect.NestsSavepoints)
                await transaction.ReleaseAsync(Savepoint);
        }
    }

    /// <summary>Does the work of one; a failure that is its own is its answer.</summary>
    /// <returns>That failure; null when the work is part of the transaction.</returns>
    /// <exception cref="DbException">The transaction may be gone.</exception>
    private async Task<Exception?> RunAsync(PendingWrite member, DbConnection connection, DbTransaction transaction)
    {
        var failure = await member.RunAsync(connection, transaction, dialect);
        if (failure is DbException known && (known is WriteConflictException || dialect.IsConflict(known) || dialect.IsTransient(known)))
            ExceptionDispatchInfo.Throw(failure);
        if (failure is not null)
            member.Fail(failure);
        return failure;
    }

    /// <summary>Undoes what the last member did.</summary>
    private async Task UndoAsync(DbTransaction transaction, Exception failure)
    {
        try
        {
            await transaction.RollbackAsync(Savepoint);
            if (dialect.NestsSavepoints)
                await transaction.ReleaseAsync(Savepoint);
        }
        catch (Exception)
        {
            // With the savepoint the whole transaction is gone, as when the disk is full. Everybody is to hear what ended it, not that it is gone.
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <param name="batch">Is empty again when its members have been answered.</param>
    private async Task CommitAsync(List<PendingWrite> batch, DbTransaction transaction)
    {
        try
        {
            await transaction.CommitAsync();
        }
        catch (Exception e) when (e is not DbException known || !dialect.IsConflict(known))
        {
            // Whether it took effect cannot be known.
            Answer(batch, member => member.Fail(e));
            return;
        }

        Answer(batch, member => member.Succeed());
    }

    /// <summary>Tells everybody, and forgets them first: what fails from now on is nobody's.</summary>
    private static void Answer(List<PendingWrite> batch, Action<PendingWrite> tell)
    {
        var members = batch.ToArray();
        batch.Clear();
        Array.ForEach(members, tell);
    }

    private PendingWrite? Take(string queue)
    {
        lock (gate)
            return queues[queue].TryDequeue(out var member) ? member : null;
    }

    private bool IsDone(string queue)
    {
        lock (gate)
            return queues[queue].Count == 0 && queues.Remove(queue);
    }
}
