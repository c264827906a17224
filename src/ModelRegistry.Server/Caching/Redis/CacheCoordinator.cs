using System.Data.Common;

namespace ModelRegistry.Server.Caching.Redis;

/// <summary>
/// Decides whether this replica may use the shared cache, and suspends it for all replicas when a change could not be told to Redis. The
/// protocol and why it holds: <c>docs/decisions/0004-cache.md</c>.
/// </summary>
internal sealed partial class CacheCoordinator(CacheTermsStore store, RedisConnection redis, TimeProvider time, ILogger<CacheCoordinator> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = CacheLease.Length / 4;
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(3);

    private readonly Lock gate = new();
    private volatile CacheLease? lease;
    private Observation observed = new("", -1, 0, 0);
    private long lastBeat;

    /// <summary>The last step failed in a way that was reported; it is tried four times a second.</summary>
    private bool isFailing;

    /// <summary>Leave to use the cache; null when there is none at the moment.</summary>
    public CacheLease? Current => lease is { IsValid: true } current && redis.Session == current.Session ? current : null;

    /// <summary>
    /// Returns when <paramref name="work"/> was done under a lease that was valid to its end, or when the cache is suspended and no replica
    /// has a lease from before.
    /// </summary>
    public async Task SettleAsync(Func<CacheLease, Task<bool>> work)
    {
        while (true)
        {
            var terms = await ReadTermsAsync(CancellationToken.None);
            if (terms.Suspension is not null)
            {
                var rest = CacheLease.LongestOfOthers - time.GetElapsedTime(SuspendedSince(terms));
                if (rest > TimeSpan.Zero)
                    await Task.Delay(rest, time);
                return;
            }

            if (Current is { } current && await work(current) && current.IsValid)
                return;
            await SuspendAsync("a change could not be told to it");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var hasEntered = false;
        try
        {
            do
            {
                hasEntered = await TryStepAsync(hasEntered, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task<bool> TryStepAsync(bool hasEntered, CancellationToken cancellationToken)
    {
        try
        {
            if (!hasEntered)
                await store.EnterAsync(cancellationToken);
            var terms = await ReadTermsAsync(cancellationToken);

            // A connection that nobody used meanwhile has not noticed that its Redis is gone.
            if (terms.Suspension is not null || redis.Session?.ServerId != terms.Server)
                await redis.VerifyAsync();
            if (terms.Suspension is not null)
                await AttendSuspensionAsync(terms, cancellationToken);
            else if (redis.Session is { } session && session.ServerId != terms.Server)
                await SuspendAsync("it is another Redis than before, or was restarted");
            isFailing = false;
            return true;
        }
        catch (DbException e)
        {
            // Without the terms the lease runs out, and reads go to the database, which will say what is wrong with it.
            LogUnknownTerms(e.Message);
            return hasEntered;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The same holds for whatever else fails here: a cache is no reason for the server to end, which is what an exception out of a
            // background service means.
            if (!isFailing)
                LogFailure(e);
            isFailing = true;
            return hasEntered;
        }
    }

    /// <summary>Who has Redis ends a suspension that nobody needs; who has not keeps it alive.</summary>
    private async Task AttendSuspensionAsync(CacheState terms, CancellationToken cancellationToken)
    {
        if (redis.Session is not { } session)
        {
            if (time.GetElapsedTime(lastBeat) < BeatInterval)
                return;
            lastBeat = time.GetTimestamp();
            await store.KeepSuspendedAsync(terms, cancellationToken);
        }
        else if (IsQuiet(terms) && await store.ResumeAsync(terms, session.ServerId, cancellationToken))
        {
            LogResumed();
        }
    }

    private async Task<CacheState> ReadTermsAsync(CancellationToken cancellationToken)
    {
        // The lease counts from before the question, so that it ends in time however late the answer is.
        var (since, session) = (time.GetTimestamp(), redis.Session);
        var terms = await store.ReadAsync(cancellationToken);
        lock (gate)
        {
            if (terms.Suspension is not null)
                Observe(terms);
            var isUsable = terms.Suspension is null && session is not null && session.ServerId == terms.Server;
            if (!isUsable)
                lease = null;
            else if (lease is null || lease.Since < since)
                lease = new CacheLease(terms, session!, since, time);
        }

        return terms;
    }

    private async Task SuspendAsync(string reason)
    {
        lease = null;
        if (!await store.SuspendAsync(CancellationToken.None))
            return;
        CacheMetrics.Suspension();
        LogSuspended(reason);
    }

    private void Observe(CacheState terms)
    {
        var now = time.GetTimestamp();
        if (terms.Suspension != observed.Suspension)
            observed = new Observation(terms.Suspension!, terms.Beat, now, now);
        else if (terms.Beat != observed.Beat)
            observed = observed with { Beat = terms.Beat, BeatSeen = now };
    }

    private long SuspendedSince(CacheState terms)
    {
        lock (gate)
            return observed.Suspension == terms.Suspension ? observed.Seen : time.GetTimestamp();
    }

    private bool IsQuiet(CacheState terms)
    {
        lock (gate)
            return (observed.Suspension, observed.Beat) == (terms.Suspension, terms.Beat) && time.GetElapsedTime(observed.BeatSeen) >= Quarantine;
    }

    /// <summary>When this replica first saw a suspension, and its present beat.</summary>
    private sealed record Observation(string Suspension, long Beat, long Seen, long BeatSeen);

    [LoggerMessage(1411, LogLevel.Warning, "The cache is suspended for all replicas: {Reason}.")]
    private partial void LogSuspended(string reason);

    [LoggerMessage(1412, LogLevel.Warning, "The cache is used again, from empty.")]
    private partial void LogResumed();

    [LoggerMessage(1413, LogLevel.Debug, "The terms of the cache could not be read: {Reason}")]
    private partial void LogUnknownTerms(string reason);

    [LoggerMessage(1414, LogLevel.Error, "The cache cannot be watched and is not used meanwhile; it is tried again")]
    private partial void LogFailure(Exception exception);
}
