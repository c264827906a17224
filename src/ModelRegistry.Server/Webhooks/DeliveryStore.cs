using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Webhooks;

/// <summary>
/// The queue of deliveries and their log. A replica claims rows by moving their due time to the end of its lease; whoever dies loses them to
/// the others. Of one webhook and model only the oldest pending row can be claimed, which keeps the order.
/// </summary>
internal sealed class DeliveryStore(RegistryDatabase database, TimeProvider time)
{
    private const int MaxError = 500;
    private static readonly TimeSpan KeepDelivered = TimeSpan.FromDays(7);
    private static readonly TimeSpan KeepOthers = TimeSpan.FromDays(30);

    /// <summary>Takes rows that are due.</summary>
    /// <param name="room">How many at most, for each webhook.</param>
    /// <param name="busy">Webhooks that have enough on their way already.</param>
    public async Task<List<ClaimedDelivery>> ClaimAsync(
        int limit, int room, IReadOnlyCollection<string> busy, TimeSpan lease, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var due = await database.ReadAsync(scope => FindDueAsync(scope, now, limit * 5, busy), cancellationToken);
        var ids = due.GroupBy(row => row.WebhookId).SelectMany(rows => rows.Take(room)).OrderBy(row => row.DueTime).Take(limit).Select(row => row.Id).ToList();
        if (ids.Count == 0)
            return [];

        var claim = new { ids, now, owner = Guid.NewGuid().ToString(), until = now + (long)lease.TotalMilliseconds };
        return await database.Database.WriteAsync(
            async scope =>
            {
                await scope.ExecuteAsync(
                    """
                    UPDATE mr_webhook_deliveries SET owner = @owner, due_time = @until, attempts = attempts + 1
                    WHERE id IN @ids AND state = 'PENDING' AND due_time <= @now
                    """,
                    claim);
                return await scope.QueryAsync<ClaimedDelivery>(
                    """
                    SELECT d.id, d.delivery_id, d.webhook_id, d.owner, d.payload, d.attempts, d.attempts_before, w.url, w.secret
                    FROM mr_webhook_deliveries d
                    JOIN webhooks w ON w.webhook_id = d.webhook_id
                    WHERE d.id IN @ids AND d.owner = @owner
                    ORDER BY d.id
                    """,
                    claim);
            },
            cancellationToken);
    }

    /// <summary>Writes down what became of an attempt, unless the lease went to another replica meanwhile.</summary>
    /// <param name="nextAttempt">When to try again; for <see cref="DeliveryState.Pending"/> alone.</param>
    public Task FinishAsync(
        ClaimedDelivery delivery, string state, SendResult result, DateTimeOffset nextAttempt, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.Database.WriteAsync(
            scope => scope.ExecuteAsync(
                """
                UPDATE mr_webhook_deliveries
                SET state = @state, owner = NULL, due_time = @due, completion_time = @completed, response_status = @Status, error = @error
                WHERE id = @Id AND owner = @Owner AND state = 'PENDING'
                """,
                new
                {
                    delivery.Id, delivery.Owner, state, result.Status,
                    due = nextAttempt.ToUnixTimeMilliseconds(),
                    completed = state == DeliveryState.Pending ? null : (long?)now,
                    error = result.Error is { Length: > MaxError } text ? text[..MaxError] : result.Error,
                }),
            cancellationToken);
    }

    /// <summary>The log of a webhook, newest first; one more than <paramref name="limit"/> when there are more.</summary>
    /// <param name="state">Null for all.</param>
    public Task<List<DeliveryRow>> ListAsync(string webhookId, string? state, long limit, long offset, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.QueryAsync<DeliveryRow>(
                $"""
                SELECT {DeliveryRow.Columns} FROM mr_webhook_deliveries
                WHERE webhook_id = @webhookId {(state is null ? "" : "AND state = @state")}
                ORDER BY id DESC LIMIT @count OFFSET @offset
                """,
                new { webhookId, state, count = limit + 1, offset }),
            cancellationToken);

    /// <summary>Queues deliveries once more, under their old ids.</summary>
    /// <param name="deliveryIds">Empty for all that were given up.</param>
    /// <returns>How many.</returns>
    public async Task<int> RedeliverAsync(string webhookId, IReadOnlyCollection<string> deliveryIds, CancellationToken cancellationToken)
    {
        const string Reset = "UPDATE mr_webhook_deliveries SET state = 'PENDING', attempts_before = attempts, owner = NULL, completion_time = NULL, due_time = @now";
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await database.Database.WriteAsync(
            async scope =>
            {
                if (deliveryIds.Count == 0)
                    return await scope.ExecuteAsync($"{Reset} WHERE webhook_id = @webhookId AND state = 'DEAD'", new { webhookId, now });
                return await scope.ExecuteInChunksAsync(
                    $"{Reset} WHERE webhook_id = @webhookId AND delivery_id IN @ids AND state <> 'PENDING'",
                    deliveryIds.Distinct(),
                    ids => new { webhookId, ids, now });
            },
            cancellationToken);
    }

    /// <summary>Drops what is too old to be asked for.</summary>
    public Task PurgeAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return database.Database.WriteAsync(
            scope => scope.ExecuteAsync(
                "DELETE FROM mr_webhook_deliveries WHERE creation_time < @others OR (state = 'DELIVERED' AND creation_time < @delivered)",
                new { delivered = (now - KeepDelivered).ToUnixTimeMilliseconds(), others = (now - KeepOthers).ToUnixTimeMilliseconds() }),
            cancellationToken);
    }

    private static Task<List<DueRow>> FindDueAsync(SqlScope scope, long now, int limit, IReadOnlyCollection<string> busy) =>
        scope.QueryAsync<DueRow>(
            $"""
            SELECT d.id, d.webhook_id, d.due_time
            FROM (
                SELECT MIN(id) AS id FROM mr_webhook_deliveries WHERE state = 'PENDING' GROUP BY webhook_id, workspace, model_name
            ) head
            JOIN mr_webhook_deliveries d ON d.id = head.id
            JOIN webhooks w ON w.webhook_id = d.webhook_id AND w.status = 'ACTIVE' AND w.deleted_timestamp IS NULL
            WHERE d.due_time <= @now {(busy.Count == 0 ? "" : "AND d.webhook_id NOT IN @busy")}
            ORDER BY d.due_time, d.id LIMIT @limit
            """,
            new { now, limit, busy });

    private sealed record DueRow
    {
        public long Id { get; init; }

        public required string WebhookId { get; init; }

        public long DueTime { get; init; }
    }
}

/// <summary>Words of the column <c>state</c>, and of the API.</summary>
internal static class DeliveryState
{
    public const string Pending = "PENDING";
    public const string Delivered = "DELIVERED";
    public const string Dead = "DEAD";

    public static readonly string[] All = [Pending, Delivered, Dead];
}

/// <summary>A delivery that is ours until its lease ends, with what is needed to send it.</summary>
internal sealed record ClaimedDelivery
{
    public long Id { get; init; }

    public required string DeliveryId { get; init; }

    public required string WebhookId { get; init; }

    public required string Owner { get; init; }

    public required string Payload { get; init; }

    /// <summary>This one included.</summary>
    public int Attempts { get; init; }

    /// <summary>Those made before it was queued the last time.</summary>
    public int AttemptsBefore { get; init; }

    public required string Url { get; init; }

    /// <summary>Encrypted.</summary>
    public string? Secret { get; init; }
}

/// <summary>A row of <c>mr_webhook_deliveries</c>, without its payload.</summary>
internal sealed record DeliveryRow
{
    public const string Columns =
        "delivery_id, webhook_id, model_name, entity, action, state, attempts, creation_time, due_time, completion_time, response_status, error";

    public required string DeliveryId { get; init; }

    public required string WebhookId { get; init; }

    public required string ModelName { get; init; }

    public required string Entity { get; init; }

    public required string Action { get; init; }

    public required string State { get; init; }

    public int Attempts { get; init; }

    public long CreationTime { get; init; }

    public long DueTime { get; init; }

    public long? CompletionTime { get; init; }

    public int? ResponseStatus { get; init; }

    public string? Error { get; init; }
}
