namespace ModelRegistry.MySqlClient.Sessions;

/// <summary>
/// Ends a command that takes too long or is no longer wanted: tells the server to stop it, over a connection of its own, and closes the
/// session. Closing is deliberate: a KILL that arrives late would hit the session's next user.
/// </summary>
internal sealed class CommandWatch : IDisposable
{
    // What a caller waits at most for a server that does not answer the KILL either.
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(3);

    private readonly Session session;
    private readonly SessionConnector connector;
    private readonly CancellationToken cancellationToken;
    private readonly CancellationTokenSource? timeout;
    private readonly CancellationTokenRegistration cancelled;
    private readonly CancellationTokenRegistration expired;
    private int isOver;

    public CommandWatch(Session session, SessionConnector connector, int timeoutSeconds, CancellationToken cancellationToken)
    {
        this.session = session;
        this.connector = connector;
        this.cancellationToken = cancellationToken;
        if (timeoutSeconds > 0)
        {
            timeout = new CancellationTokenSource(TimeSpan.FromSeconds(timeoutSeconds));
            expired = timeout.Token.UnsafeRegister(static state => ((CommandWatch)state!).Stop(), this);
        }

        cancelled = cancellationToken.UnsafeRegister(static state => ((CommandWatch)state!).Stop(), this);
    }

    /// <summary>The command was stopped; whatever its answer says, the session is closed.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The failure as the caller should see it: a cancellation, a time-out, or what it was.</summary>
    public Exception Word(MySqlException exception)
    {
        if (!IsStopped)
            return exception;
        return cancellationToken.IsCancellationRequested
            ? new OperationCanceledException("The command was cancelled.", exception, cancellationToken)
            : new MySqlException("The command took longer than its time limit and was cancelled.", 0, "HYT00", exception);
    }

    /// <summary>The command is over; nothing will be stopped any more. Waits for a stop that has just begun to leave its mark.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref isOver, 1);
        cancelled.Dispose();
        expired.Dispose();
        timeout?.Dispose();
    }

    private void Stop()
    {
        if (Interlocked.Exchange(ref isOver, 1) != 0)
            return;

        // Before anything else: from now on nobody else may get this session.
        session.Doom();
        IsStopped = true;
        _ = StopAsync();
    }

    private async Task StopAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(KillLimit);
            var side = await connector.ConnectAsync(limit.Token).ConfigureAwait(false);
            await using var end = side.ConfigureAwait(false);
            using var abort = limit.Token.UnsafeRegister(static state => ((Session)state!).Abort(), side);
            await side.ExecuteTextAsync($"KILL QUERY {session.ConnectionId}").ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MySqlException or OperationCanceledException)
        {
            // The server may be gone or full. Closing the session below frees the caller all the same, and the server stops at its next write.
            System.Diagnostics.Debug.WriteLine(exception.Message);
        }
        finally
        {
            session.Abort();
        }
    }
}
