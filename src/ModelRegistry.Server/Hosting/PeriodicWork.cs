using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Hosting;

/// <summary>Work that is done again and again, by one replica at a time and, over all of them, once in each interval.</summary>
/// <param name="name">Of its lease.</param>
/// <param name="interval">From the end of one round to the start of the next; null switches the work off.</param>
internal abstract partial class PeriodicWork(Leases leases, string name, TimeSpan? interval, TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan LeaseLength = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMinutes(5);

    private readonly ILogger logger = logger;

    /// <summary>One round.</summary>
    /// <param name="cancellationToken">The server stops, or another replica has the work now.</param>
    protected abstract Task WorkAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (interval is not { } rest)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TryRoundAsync(rest, stoppingToken);
                await Task.Delay(Shorter(rest, LongestPause), time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task TryRoundAsync(TimeSpan rest, CancellationToken stoppingToken)
    {
        try
        {
            await using var lease = await leases.TryTakeAsync(name, LeaseLength, stoppingToken);
            if (lease is null)
                return;
            lease.Rest = Shorter(rest, RestAfterFailure);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lease.Lost);
            await WorkAsync(either.Token);
            lease.Rest = rest;
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // A failure of this work is no reason for the server to end.
            LogFailure(e, name);
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [LoggerMessage(40, LogLevel.Error, "A round of '{Work}' failed; it is tried again")]
    private partial void LogFailure(Exception exception, string work);
}
