using System.Data.Common;
using System.Diagnostics;

namespace ModelRegistry.Server.Data;

/// <summary>
/// Writes that begin by locking one and the same row, so that a database with row locks does them one after the other, each waiting for the
/// commit of the one before. Here those that arrive while one is under way go together into one transaction: each behind a savepoint of its
/// own and with its own answer, and with one commit for all. Nobody is told of success before that commit, and nobody waits for company.
/// Whatever is out of the ordinary, such as a deadlock, sends each of them into a transaction of its own.
/// </summary>
/// <param name="maxDuration">For how long a transaction takes others in; it bounds what the first waits for the last.</param>
internal sealed class RowQueues(DbDataSource writers, SqlDialect dialect, TimeSpan maxDuration)
{
    private const int MaxMembers = 64;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<PendingWrite>> queues = new(StringComparer.Ordinal);

    /// <param name="row">Name of the row that the work locks first.</param>
    /// <param name="alone">The work in a transaction of its own, with all that is done about failures there.</param>
    public Task<T> WriteAsync<T>(
        string row, Func<SqlScope, Task<T>> work, Func<Task<T>> alone, StatementWatch? watch, CancellationToken cancellationToken)
    {
        var member = new PendingWrite<T>(work, watch, cancellationToken, alone);
        lock (gate)
        {
            if (queues.TryGetValue(row, out var queue))
            {
                queue.Enqueue(member);
                return member.Answer;
            }

            queues.Add(row, new Queue<PendingWrite>([member]));
        }

        // On the caller's own thread: a lone write costs no change of threads.
        _ = ServeAsync(row);
        return member.Answer;
    }

    /// <summary>Runs one group after the other until nobody waits for the row any more.</summary>
    private async Task ServeAsync(string row)
    {
        do
        {
            var group = new List<PendingWrite>();
            try
            {
                await CommitAsync(row, group);
            }
            catch (Exception)
            {
                // Each meets the failure again, and deals with it: tries once more, or tells its caller.
                await Task.WhenAll(group.Select(member => member.RunAloneAsync()));
            }
        }
        while (!IsDone(row));
    }

    /// <param name="group">Gets those whose work is part of the transaction, and is empty again when they have been answered.</param>
    private async Task CommitAsync(string row, List<PendingWrite> group)
    {
        var first = Take(row)!;
        group.Add(first);
        await using var connection = await writers.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        if (!await IsPartAsync(first, connection, transaction))
        {
            group.Clear();
            return;
        }

        var clock = Stopwatch.StartNew();
        while (group.Count < MaxMembers && clock.Elapsed < maxDuration && Take(row) is { } next)
        {
            group.Add(next);
            await transaction.SaveAsync("member");
            if (await IsPartAsync(next, connection, transaction))
                continue;
            group.Remove(next);
            await transaction.RollbackAsync("member");
        }

        try
        {
            await transaction.CommitAsync();
        }
        catch (Exception e) when (e is not DbException known || !dialect.IsConflict(known))
        {
            // Whether it took effect cannot be known.
            Answer(group, member => member.Fail(e));
            return;
        }

        Answer(group, member => member.Succeed());
    }

    /// <summary>Tells everybody, and forgets them first: what fails from now on is nobody's.</summary>
    private static void Answer(List<PendingWrite> group, Action<PendingWrite> tell)
    {
        var members = group.ToArray();
        group.Clear();
        Array.ForEach(members, tell);
    }

    /// <summary>Does the work of one; a failure that is its own is its answer.</summary>
    /// <exception cref="DbException">The transaction may be gone.</exception>
    private async Task<bool> IsPartAsync(PendingWrite member, DbConnection connection, DbTransaction transaction)
    {
        var failure = await member.RunAsync(connection, transaction, dialect);
        if (failure is null)
            return true;
        if (failure is DbException known && (known is WriteConflictException || dialect.IsConflict(known) || dialect.IsTransient(known)))
            throw failure;
        member.Fail(failure);
        return false;
    }

    private PendingWrite? Take(string row)
    {
        lock (gate)
            return queues[row].TryDequeue(out var member) ? member : null;
    }

    private bool IsDone(string row)
    {
        lock (gate)
            return queues[row].Count == 0 && queues.Remove(row);
    }
}
