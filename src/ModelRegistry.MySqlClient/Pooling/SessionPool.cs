using System.Collections.Concurrent;
using ModelRegistry.MySqlClient.Sessions;

namespace ModelRegistry.MySqlClient.Pooling;

/// <summary>
/// A bounded set of sessions. Who finds none free waits in line, up to the connection time-out. A session that saw a protocol surprise, is
/// too old, or does not answer any more is replaced without the caller noticing.
/// </summary>
internal sealed class SessionPool : IAsyncDisposable
{
    private static readonly TimeSpan PingLimit = TimeSpan.FromSeconds(2);

    private readonly MySqlConnectionStringBuilder options;
    private readonly SessionConnector connector;
    private readonly TimeProvider time;
    private readonly ConcurrentStack<Session> idle = new();
    private readonly SemaphoreSlim slots;
    private readonly PoolMetrics metrics;
    private int isClosed;

    public SessionPool(MySqlConnectionStringBuilder options, SessionConnector connector, TimeProvider time)
    {
        this.options = options;
        this.connector = connector;
        this.time = time;
        slots = new SemaphoreSlim(options.MaximumPoolSize);
        metrics = new PoolMetrics(options.Server, () => idle.Count, () => options.MaximumPoolSize - slots.CurrentCount);
    }

    /// <exception cref="MySqlException">No session became free in time, or the server cannot be reached.</exception>
    public async ValueTask<Session> RentAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(isClosed != 0, this);
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
            if (session.IsInTransaction && !session.IsBroken)
                await session.ExecuteTextAsync("ROLLBACK").ConfigureAwait(false);
        }
        catch (MySqlException exception)
        {
            // A session that cannot even roll back is not for anybody else; the server rolls back when it closes.
            session.Break(exception);
        }

        if (session.IsBroken || isClosed != 0 || IsPast(session.OpenedAt, options.ConnectionLifetime))
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            session.IdleSince = time.GetUtcNow();
            idle.Push(session);
        }

        slots.Release();
    }

    public async ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref isClosed, 1);
        while (idle.TryPop(out var session))
            await session.DisposeAsync().ConfigureAwait(false);
        metrics.Dispose();
    }

    private async ValueTask<Session?> FindIdleAsync()
    {
        while (idle.TryPop(out var session))
        {
            var isUsable = !session.HasUnexpectedInput && !IsPast(session.OpenedAt, options.ConnectionLifetime)
                && !IsPast(session.IdleSince, options.ConnectionIdleTimeout) && await IsAliveAsync(session).ConfigureAwait(false);
            if (isUsable)
                return session;
            await session.DisposeAsync().ConfigureAwait(false);
        }

        return null;
    }

    private async ValueTask<bool> IsAliveAsync(Session session)
    {
        var needsPing = !options.ConnectionReset && IsPast(session.IdleSince, options.ConnectionIdlePingTime);
        if (!options.ConnectionReset && !needsPing)
            return true;
        using var limit = new CancellationTokenSource(PingLimit);
        using var abort = limit.Token.Register(session.Abort);
        try
        {
            if (needsPing)
            {
                await session.PingAsync().ConfigureAwait(false);
            }
            else
            {
                await session.ResetAsync().ConfigureAwait(false);
                await connector.PrepareAsync(session).ConfigureAwait(false);
            }

            return true;
        }
        catch (MySqlException)
        {
            // Dropped overnight, or a server that restarted: the next one, or a new one, takes its place.
            session.Abort();
            return false;
        }
    }

    private bool IsPast(DateTimeOffset since, int seconds) => seconds > 0 && time.GetUtcNow() - since > TimeSpan.FromSeconds(seconds);
}
