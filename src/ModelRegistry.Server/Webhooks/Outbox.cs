using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Webhooks;

/// <summary>
/// Records what webhooks are to be told in the transaction of the change itself: either both are there or neither. Without a webhook that
/// asks for the event this costs one statement.
/// </summary>
internal sealed class Outbox(TimeProvider time, DeliverySignal signal)
{
    /// <summary>The webhooks that ask for an event, <see cref="WebhookEventRow"/>s; <c>@prompt</c>, <c>@model</c>, <c>@action</c> and <c>@workspace</c> say which.</summary>
    public const string Subscribers =
        """
        SELECT w.webhook_id, e.entity, e.action
        FROM webhook_events e
        JOIN webhooks w ON w.webhook_id = e.webhook_id
        WHERE e.entity IN (@prompt, @model) AND e.action = @action
            AND w.workspace = @workspace AND w.status = 'ACTIVE' AND w.deleted_timestamp IS NULL
        ORDER BY w.creation_timestamp, w.webhook_id
        """;

    /// <summary>The rows for events of one change, to be inserted with it; the dispatcher of this process wakes when they are committed.</summary>
    /// <param name="subscribers">The webhooks that ask for such an event.</param>
    public async Task<IReadOnlyList<Insertion>> InsertionsAsync(
        SqlScope scope, IReadOnlyList<RegistryEvent> events, IReadOnlyList<WebhookEventRow> subscribers)
    {
        if (subscribers.Count == 0)
            return [];
        var insertions = new List<Insertion>();
        foreach (var change in events)
        {
            var isPrompt = change.IsPrompt ?? await IsPromptAsync(scope, change);
            if ((isPrompt ? change.WhenPrompt : change.WhenModel) is { } what)
                insertions.Add(Deliveries(change, what, subscribers.Where(subscriber => subscriber.Entity == what.Entity)));
        }

        scope.AfterCommit(signal.Set);
        return insertions;
    }

    private Insertion Deliveries(RegistryEvent change, WebhookEvent what, IEnumerable<WebhookEventRow> subscribers)
    {
        var now = time.GetUtcNow();
        var due = now.ToUnixTimeMilliseconds();
        var payload = EventPayload.Write(what, now, change.Data);
        return new Insertion(
            "mr_webhook_deliveries",
            [
                "delivery_id", "webhook_id", "workspace", "model_name", "entity", "action", "payload", "state", "attempts", "attempts_before",
                "creation_time", "due_time",
            ],
            [
                .. subscribers.Select(subscriber => new object?[]
                {
                    Guid.NewGuid().ToString(), subscriber.WebhookId, change.Workspace, change.Model, what.Entity, what.Action, payload,
                    DeliveryState.Pending, 0, 0, due, due,
                }),
            ]);
    }

    private static async Task<bool> IsPromptAsync(SqlScope scope, RegistryEvent change) =>
        await scope.FindAsync<long>(
            """SELECT COUNT(*) FROM registered_model_tags WHERE workspace = @workspace AND name = @name AND "key" = @key""",
            new { workspace = change.Workspace, name = change.Model, key = RegistryEvent.PromptTag }) > 0;
}

/// <summary>Wakes the dispatcher of this process when there is something to send.</summary>
internal sealed class DeliverySignal : IDisposable
{
    private readonly SemaphoreSlim semaphore = new(0);

    public void Set()
    {
        if (semaphore.CurrentCount == 0)
            semaphore.Release();
    }

    /// <summary>Returns when it was set, or after <paramref name="limit"/>.</summary>
    public Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken) => semaphore.WaitAsync(limit, cancellationToken);

    public void Dispose() => semaphore.Dispose();
}
