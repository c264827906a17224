namespace ModelRegistry.Server.Data;

/// <summary>Gives work that must not be done twice at the same time to one replica, by a row of <c>mr_leases</c> for each kind of work.</summary>
/// <remarks>The clocks of the replicas may differ by less than the length of a lease.</remarks>
internal sealed class Leases(TrackingDatabase database, TimeProvider time)
{
    /// <summary>Takes the work if nobody has it and it is due.</summary>
    /// <param name="name">Which work, up to 100 characters.</param>
    /// <param name="length">How long after a crash others have to wait. While this process lives the lease is renewed.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <returns>null when another replica has it, or when it is not due again.</returns>
    public async Task<Lease?> TryTakeAsync(string name, TimeSpan length, CancellationToken cancellationToken)
    {
        var lease = new Lease(database.Database, time, name, length);
        if (await lease.TryTakeAsync(cancellationToken))
            return lease;
        await lease.DisposeAsync();
        return null;
    }
}

/// <summary>Work that is ours until this is disposed of, or until <see cref="Lost"/> is cancelled.</summary>
internal sealed class Lease(Database database, TimeProvider time, string name, TimeSpan length) : IAsyncDisposable
{
    private readonly string owner = Guid.NewGuid().ToString();
    private readonly CancellationTokenSource lost = new(Timeout.InfiniteTimeSpan, time);
    private readonly CancellationTokenSource ended = new();
    private Task? renewing;

    /// <summary>Cancelled when the lease could not be renewed in time, or somebody else has it.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>How long after this lease nobody is to get the next one: none, unless the work is done for a while.</summary>
    public TimeSpan Rest { get; set; }

    /// <summary>For <see cref="Leases"/> alone.</summary>
    public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        var now = Now();
        var taken = await database.WriteAsync(
            async scope =>
            {
                await scope.ExecuteAsync(
                    $"INSERT INTO mr_leases (name, due_time) VALUES (@name, @now) {scope.Dialect.OnConflictNothing("name")}", new { name, now });
                return await scope.ExecuteAsync(
                    "UPDATE mr_leases SET owner = @owner, due_time = @until WHERE name = @name AND due_time <= @now",
                    new { name, now, owner, until = now + (long)length.TotalMilliseconds });
            },
            cancellationToken);
        if (taken == 0)
            return false;
        lost.CancelAfter(length);
        renewing = RenewAsync();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        if (renewing is not null)
        {
            await renewing;
            await MoveAsync(Rest, isOver: true, CancellationToken.None);
        }

        lost.Dispose();
        ended.Dispose();
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(length / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ended.Token))
            {
                if (await TryRenewAsync())
                    lost.CancelAfter(length);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The work is done.
        }
    }

    private async Task<bool> TryRenewAsync()
    {
        try
        {
            if (await MoveAsync(length, isOver: false, ended.Token))
                return true;
            await lost.CancelAsync();
        }
        catch (System.Data.Common.DbException)
        {
            // The next attempt may succeed; without one, the time-out of the token ends the work before anybody else can have it.
        }

        return false;
    }

    /// <returns>false when the lease is not ours any more.</returns>
    private async Task<bool> MoveAsync(TimeSpan by, bool isOver, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            scope => scope.ExecuteAsync(
                $"UPDATE mr_leases SET due_time = @due{(isOver ? ", owner = NULL" : "")} WHERE name = @name AND owner = @owner",
                new { name, owner, due = Now() + (long)by.TotalMilliseconds }),
            cancellationToken) == 1;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
