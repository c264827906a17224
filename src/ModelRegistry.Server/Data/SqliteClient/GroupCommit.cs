using System.Data.Common;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ModelRegistry.Server.Data.SqliteClient;

/// <summary>
/// Writes to a database file, which has one writer. Those that arrive while others write or commit go together into one transaction: each in
/// a savepoint of its own and with its own answer, and with one flush to the disk for all. Nobody is told of success before that commit, and
/// nobody waits for company.
/// </summary>
internal sealed class GroupCommit(SqliteDataSource writer, SqlDialect dialect)
{
    // Bounds on what the first of a group waits for the others.
    private const int MaxMembers = 256;
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMilliseconds(50);

    private readonly Lock gate = new();
    private readonly Queue<PendingWrite> waiting = [];
    private bool isCommitting;

    /// <inheritdoc cref="Database.WriteAsync{T}"/>
    public Task<T> WriteAsync<T>(Func<SqlScope, Task<T>> work, StatementWatch? watch, CancellationToken cancellationToken)
    {
        var member = new PendingWrite<T>(work, watch, cancellationToken);
        lock (gate)
        {
            waiting.Enqueue(member);
            if (isCommitting)
                return member.Answer;
            isCommitting = true;
        }

        // On the caller's own thread: a lone write costs no change of threads.
        _ = CommitNextAsync();
        return member.Answer;
    }

    /// <summary>Runs one group, then has another thread run the next: the one who runs a group is a caller that waits for its own answer.</summary>
    private async Task CommitNextAsync()
    {
        var group = new List<PendingWrite>();
        try
        {
            await using var connection = await writer.OpenConnectionAsync();
            await CommitAsync(connection, group);
        }
        catch (Exception e)
        {
            // Nothing was begun when there is no member yet: the lock was not to be had, and those who wait would wait for it in vain.
            while (group.Count == 0 && TryTake() is { } member)
                member.Fail(e);
            foreach (var member in group)
                member.Fail(e);
        }

        lock (gate)
        {
            isCommitting = waiting.Count > 0;
            if (!isCommitting)
                return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static self => _ = self.CommitNextAsync(), this, preferLocal: false);
    }

    private async Task CommitAsync(DbConnection connection, List<PendingWrite> group)
    {
        Execute(connection, "BEGIN IMMEDIATE");
        try
        {
            var clock = Stopwatch.StartNew();
            while (group.Count < MaxMembers && clock.Elapsed < MaxDuration && TryTake() is { } member)
                await RunAsync(connection, member, group);
            Execute(connection, "COMMIT");
        }
        catch
        {
            if (IsInTransaction(connection))
                Execute(connection, "ROLLBACK");
            throw;
        }

        foreach (var member in group)
            member.Succeed();
    }

    /// <summary>Runs one write; if it fails, what it did is undone, and the others do not notice.</summary>
    private async Task RunAsync(DbConnection connection, PendingWrite member, List<PendingWrite> group)
    {
        // The first has nobody to protect.
        var isFirst = group.Count == 0;
        if (!isFirst)
            Execute(connection, "SAVEPOINT member");
        var failure = await member.RunAsync(connection, null, dialect);
        if (failure is null)
        {
            group.Add(member);
            if (!isFirst)
                Execute(connection, "RELEASE member");
            return;
        }

        member.Fail(failure);
        if (!IsInTransaction(connection))
        {
            // A full disk, for one: SQLite has undone everything by itself.
            if (!isFirst)
                ExceptionDispatchInfo.Throw(failure);
            Execute(connection, "BEGIN IMMEDIATE");
            return;
        }

        Execute(connection, isFirst ? "ROLLBACK" : "ROLLBACK TO member");
        Execute(connection, isFirst ? "BEGIN IMMEDIATE" : "RELEASE member");
    }

    private PendingWrite? TryTake()
    {
        lock (gate)
            return waiting.TryDequeue(out var member) ? member : null;
    }

    private static bool IsInTransaction(DbConnection connection) => raw.sqlite3_get_autocommit(((SqliteConnection)connection).Handle) == 0;

    private static void Execute(DbConnection connection, string sql) => ((SqliteSessionConnection)connection).Session.Execute(sql, null);
}
