namespace ModelRegistry.MySqlClient.Sessions;

/// <summary>
/// Ends a command that takes too long or is no longer wanted: tells the server to stop it, over a connection of its own, and closes the
/// session. Closing is deliberate: a KILL that arrives late would hit the session's next user.
/// </summary>
internal sealed class CommandWatch : IDisposable
{
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5);

    private readonly Session session;
    private readonly SessionConnector connector;
    private readonly CancellationToken cancellationToken;
    private readonly CancellationTokenSource? timeout;
    private readonly CancellationTokenRegistration cancelled;
    private readonly CancellationTokenRegistration expired;
    private int isDone;

    public CommandWatch(Session session, SessionConnector connector, int timeoutSeconds, CancellationToken cancellationToken)
    {
        this.session = session;
        this.connector = connector;
        this.cancellationToken = cancellationToken;
        if (timeoutSeconds > 0)
        {
            timeout = new CancellationTokenSource(TimeSpan.FromSeconds(timeoutSeconds));
            expired = timeout.Token.Register(Stop);
        }

        cancelled = cancellationToken.Register(Stop);
    }

    /// <summary>The failure as the caller should see it: a cancellation, a time-out, or what it was.</summary>
    public Exception Word(MySqlException exception)
    {
        if (cancellationToken.IsCancellationRequested)
            return new OperationCanceledException("The command was cancelled.", exception, cancellationToken);
        return timeout is { IsCancellationRequested: true }
            ? new MySqlException("The command took longer than its time limit and was cancelled.", 0, "HYT00", exception)
            : exception;
    }

    /// <summary>The command is over; nothing will be stopped any more.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref isDone, 1);
        cancelled.Dispose();
        expired.Dispose();
        timeout?.Dispose();
    }

    private void Stop()
    {
        if (Interlocked.Exchange(ref isDone, 1) == 0)
            _ = StopAsync();
    }

    private async Task StopAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(KillLimit);
            var side = await connector.ConnectAsync(limit.Token).ConfigureAwait(false);
            await using var end = side.ConfigureAwait(false);
            using var abort = limit.Token.Register(side.Abort);
            await side.ExecuteTextAsync($"KILL QUERY {session.ConnectionId}").ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MySqlException or OperationCanceledException)
        {
            // The server may be gone or full. Closing the session below still frees the caller, and the server stops at its next write.
            System.Diagnostics.Debug.WriteLine(exception.Message);
        }
        finally
        {
            session.Abort();
        }
    }
}
