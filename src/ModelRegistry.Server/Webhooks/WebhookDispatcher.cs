using System.Data.Common;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Webhooks;

/// <summary>
/// Sends what the outbox holds. Any number of replicas do this side by side: a delivery is claimed by a lease in its row, retries and their
/// delays are in the row as well, so nothing is lost with a process.
/// </summary>
internal sealed partial class WebhookDispatcher(
    DeliveryStore deliveries, WebhookSender sender, DeliverySignal signal, ServerOptions options, TimeProvider time, ILogger<WebhookDispatcher> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PurgeInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(1);

    private readonly WebhookOptions webhooks = options.Webhooks;

    // One dead receiver must not take all workers.
    private readonly int perWebhook = Math.Max(1, options.Webhooks.MaxWorkers / 2);
    private DateTimeOffset nextPurge;

    /// <summary>1, 2, 4 … 60 seconds and up to one more, or as long as the receiver asks for.</summary>
    public static TimeSpan Delay(int attempts, TimeSpan? retryAfter, double random)
    {
        var grown = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, attempts - 1), MaxDelay.TotalSeconds) + random);
        return retryAfter is { } asked && asked > grown ? (asked < MaxRetryAfter ? asked : MaxRetryAfter) : grown;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!webhooks.Deliver || options.ArtifactsOnly)
            return;
        var running = new List<Running>();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                running.RemoveAll(item => item.Task.IsCompleted);
                var pause = await TryStepAsync(running, stoppingToken);
                await signal.WaitAsync(pause, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }

        await Task.WhenAll(running.Select(item => item.Task));
    }

    private async Task<TimeSpan> TryStepAsync(List<Running> running, CancellationToken stoppingToken)
    {
        try
        {
            await PurgeAsync(stoppingToken);
            var free = webhooks.MaxWorkers - running.Count;
            if (free <= 0)
                return Interval;
            var counts = running.CountBy(item => item.WebhookId).ToDictionary();
            var busy = counts.Where(pair => pair.Value >= perWebhook).Select(pair => pair.Key).ToList();
            var room = perWebhook - (counts.Count == 0 ? 0 : counts.Values.Where(count => count < perWebhook).DefaultIfEmpty(0).Max());
            var claimed = await deliveries.ClaimAsync(free, room, busy, webhooks.Timeout + LeaseMargin, stoppingToken);
            running.AddRange(claimed.Select(delivery => new Running(delivery.WebhookId, DeliverAsync(delivery, stoppingToken))));
            return Interval;
        }
        catch (DbException e)
        {
            LogQueueFailure(e);
            return PauseAfterFailure;
        }
    }

    private async Task DeliverAsync(ClaimedDelivery delivery, CancellationToken stoppingToken)
    {
        try
        {
            var result = await AttemptAsync(delivery, stoppingToken);
            var (state, next) = stoppingToken.IsCancellationRequested && result.Status is null
                ? (DeliveryState.Pending, time.GetUtcNow())
                : Judge(delivery, result);
            if (!result.IsSuccess)
                LogAttempt(delivery.DeliveryId, delivery.WebhookId, delivery.Attempts, result.Error!, state);
            await deliveries.FinishAsync(delivery, state, result, next, CancellationToken.None);
        }
        catch (DbException e)
        {
            // The lease ends by itself; the delivery is then repeated.
            LogQueueFailure(e);
        }
        finally
        {
            signal.Set();
        }
    }

    private async Task<SendResult> AttemptAsync(ClaimedDelivery delivery, CancellationToken stoppingToken)
    {
        try
        {
            return await sender.SendAsync(
                delivery.Url, delivery.Secret, delivery.DeliveryId, delivery.Payload, delivery.Attempts, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return SendResult.Failed("The server was stopped.");
        }
        catch (Exception e)
        {
            // A defect of ours must not stop the queue.
            LogUnexpected(e, delivery.DeliveryId);
            return SendResult.Failed("Internal error.");
        }
    }

    private (string State, DateTimeOffset NextAttempt) Judge(ClaimedDelivery delivery, SendResult result)
    {
        var now = time.GetUtcNow();
        if (result.IsSuccess)
            return (DeliveryState.Delivered, now);
        var attempts = delivery.Attempts - delivery.AttemptsBefore;
        return result.CanRetry && attempts <= webhooks.MaxRetries
            ? (DeliveryState.Pending, now + Delay(attempts, result.RetryAfter, Random.Shared.NextDouble()))
            : (DeliveryState.Dead, now);
    }

    private async Task PurgeAsync(CancellationToken stoppingToken)
    {
        if (time.GetUtcNow() < nextPurge)
            return;
        nextPurge = time.GetUtcNow() + PurgeInterval;
        await deliveries.PurgeAsync(stoppingToken);
    }

    [LoggerMessage(20, LogLevel.Warning, "Delivery {DeliveryId} to webhook {WebhookId}, attempt {Attempt}: {Error} It is now {State}")]
    private partial void LogAttempt(string deliveryId, string webhookId, int attempt, string error, string state);

    [LoggerMessage(21, LogLevel.Error, "The queue of webhook deliveries cannot be used; it is tried again")]
    private partial void LogQueueFailure(Exception exception);

    [LoggerMessage(22, LogLevel.Error, "Unexpected failure of delivery {DeliveryId}")]
    private partial void LogUnexpected(Exception exception, string deliveryId);

    private sealed record Running(string WebhookId, Task Task);
}
