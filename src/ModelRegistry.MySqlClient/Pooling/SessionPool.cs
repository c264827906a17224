using ModelRegistry.MySqlClient.Sessions;

namespace ModelRegistry.MySqlClient.Pooling;

/// <summary>
/// A bounded set of sessions. Who finds none free waits in line, up to the connection time-out. A session that saw a protocol surprise, is
/// too old, or does not answer any more is replaced without the caller noticing.
/// </summary>
internal sealed class SessionPool : IAsyncDisposable
{
    // A healthy server answers a ping in milliseconds; one that rolls back much work takes longer, and does so as well when the socket closes.
    private static readonly TimeSpan ChoreLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromSeconds(30);

    private readonly ConnectionOptions options;
    private readonly SessionConnector connector;
    private readonly TimeProvider time;
    private readonly IdleSessions idle = new();
    private readonly SemaphoreSlim slots;
    private readonly PoolMetrics metrics;
    private readonly ITimer pruner;
    private volatile bool isClosed;

    public SessionPool(ConnectionOptions options, SessionConnector connector, TimeProvider time)
    {
        this.options = options;
        this.connector = connector;
        this.time = time;
        slots = new SemaphoreSlim(options.MaximumPoolSize);
        metrics = new PoolMetrics(options.Server, () => idle.Count, () => options.MaximumPoolSize - slots.CurrentCount);
        pruner = time.CreateTimer(_ => _ = CloseAllAsync(idle.Take(IsStale)), null, PruneInterval, PruneInterval);
    }

    /// <exception cref="MySqlException">No session became free in time, or the server cannot be reached.</exception>
    public async ValueTask<Session> RentAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(isClosed, this);
        using (metrics.Waiting())
        {
            if (!await slots.WaitAsync(TimeSpan.FromSeconds(options.ConnectionTimeout), cancellationToken).ConfigureAwait(false))
            {
                metrics.TimedOut();
                throw new MySqlException($"All {options.MaximumPoolSize} connections were in use for {options.ConnectionTimeout} seconds.", 0, "08004");
            }
        }

        try
        {
            return await FindIdleAsync().ConfigureAwait(false) ?? await connector.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            slots.Release();
            throw;
        }
    }

    public async ValueTask ReturnAsync(Session session)
    {
        try
        {
            var isClean = !session.IsInTransaction || await TryAsync(session, () => session.ExecuteTextAsync("ROLLBACK")).ConfigureAwait(false);
            session.IdleSince = time.GetUtcNow();
            if (!isClean || session.IsBroken || IsStale(session) || !idle.TryPush(session))
                await session.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            slots.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        isClosed = true;
        await pruner.DisposeAsync().ConfigureAwait(false);
        await CloseAllAsync(idle.Close()).ConfigureAwait(false);
        metrics.Dispose();
    }

    private async ValueTask<Session?> FindIdleAsync()
    {
        while (idle.TryPop(out var session))
        {
            if (IsStale(session) || session.HasUnexpectedInput)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
            else if (await RefreshAsync(session).ConfigureAwait(false))
            {
                return session;
            }
            else
            {
                // It failed without a word beforehand: the server has gone silent, and the others would each cost the same wait.
                await session.DisposeAsync().ConfigureAwait(false);
                await CloseAllAsync(idle.Take(_ => true)).ConfigureAwait(false);
            }
        }

        return null;
    }

    private ValueTask<bool> RefreshAsync(Session session)
    {
        if (options.ConnectionReset)
            return TryAsync(session, () => ResetAsync(session));
        return time.GetUtcNow() - session.IdleSince >= options.ConnectionIdlePingTime
            ? TryAsync(session, session.PingAsync)
            : ValueTask.FromResult(true);
    }

    private async ValueTask ResetAsync(Session session)
    {
        await session.ResetAsync().ConfigureAwait(false);
        await connector.PrepareAsync(session).ConfigureAwait(false);
    }

    /// <summary>Does something with a session that nobody uses; false when the session is not fit for anybody after that.</summary>
    private static async ValueTask<bool> TryAsync(Session session, Func<ValueTask> chore)
    {
        using var limit = new CancellationTokenSource(ChoreLimit);
        using var abort = limit.Token.UnsafeRegister(static state => ((Session)state!).Abort(), session);
        try
        {
            await chore().ConfigureAwait(false);
            return true;
        }
        catch (MySqlException)
        {
            // Dropped overnight, or a server that restarted: another one takes its place.
            session.Abort();
            return false;
        }
    }

    private static async Task CloseAllAsync(IReadOnlyList<Session> sessions)
    {
        foreach (var session in sessions)
            await session.DisposeAsync().ConfigureAwait(false);
    }

    private bool IsStale(Session session) =>
        IsPast(session.OpenedAt, options.ConnectionLifetime) || IsPast(session.IdleSince, options.ConnectionIdleTimeout);

    private bool IsPast(DateTimeOffset since, TimeSpan limit) => limit > TimeSpan.Zero && time.GetUtcNow() - since > limit;
}
