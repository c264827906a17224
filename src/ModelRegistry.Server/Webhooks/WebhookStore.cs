using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Webhooks;

/// <summary>Webhooks and the events they ask for. Deleting one keeps its row.</summary>
internal sealed class WebhookStore(RegistryDatabase database, WebhookWriter writer, WebhookSecrets secrets, TimeProvider time)
{
    private const string IsLive = "w.workspace = @workspace AND w.webhook_id = @id AND w.deleted_timestamp IS NULL";

    private static readonly PageOrder<WebhookRow> Order = new(
    [
        new("w.creation_timestamp", Ascending: false, row => row.CreationTimestamp, IsNullable: true),
        new("w.webhook_id", Ascending: true, row => row.WebhookId),
    ]);

    public Task<Webhook> CreateAsync(Caller caller, WebhookContent added, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString();
        return writer.WriteAsync(
            caller,
            WebhookChange.Created(id, added),
            async write =>
            {
                var scope = write.Scope;
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                await scope.InsertAsync(
                    "webhooks",
                    [
                        "workspace", "webhook_id", "name", "description", "url", "status", "secret", "creation_timestamp",
                        "last_updated_timestamp",
                    ],
                    [[caller.Workspace.Name, id, added.Name, added.Description, added.Url, added.Status, secrets.Encrypt(added.Secret), now, now]]);
                await InsertEventsAsync(scope, id, added.Events!);
                return await GetAsync(scope, caller.Workspace.Name, id);
            },
            cancellationToken);
    }

    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public Task<Webhook> GetAsync(Workspace workspace, string id, CancellationToken cancellationToken) =>
        database.ReadAsync(scope => GetAsync(scope, workspace.Name, id), cancellationToken);

    /// <summary>Newest first; and the token of the next page, if there is one.</summary>
    public Task<(List<Webhook> Webhooks, string? NextPageToken)> ListAsync(
        Workspace workspace, int limit, string? pageToken, CancellationToken cancellationToken)
    {
        var start = PageToken.Read(pageToken);
        var conditions = new SearchConditions(database.Dialect);
        conditions.Add($"w.workspace = {conditions.Parameter(workspace.Name)} AND w.deleted_timestamp IS NULL");
        var statement = new PageSql(WebhookRow.Columns, "webhooks w", "w", ["webhook_id"], Order.Sql)
        {
            After = Order.After(start.Order, start.Row, conditions),
            Index = database.Dialect.ByIndex("mr_webhooks_created"),
        }.Build(conditions, limit + 1L, start.Offset);
        return database.ReadAsync(
            async scope =>
            {
                var rows = await scope.QueryAsync<WebhookRow>(statement, conditions.Parameters);
                var next = PageToken.Cut(rows, limit, start, Order.Sql, Order.PlaceOf);
                return (await CompleteAsync(scope, rows), next);
            },
            cancellationToken);
    }

    /// <summary>Changes what <paramref name="change"/> has; null leaves a value alone.</summary>
    public Task<Webhook> UpdateAsync(Caller caller, string id, WebhookContent change, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            WebhookChange.Updated(id, change),
            async write =>
            {
                var scope = write.Scope;
                var found = await scope.ExecuteAsync(
                    $"""
                    UPDATE webhooks SET
                        name = COALESCE(@Name, name), description = COALESCE(@Description, description), url = COALESCE(@Url, url),
                        secret = COALESCE(@secret, secret), status = @Status, last_updated_timestamp = @now
                    WHERE workspace = @workspace AND webhook_id = @id AND deleted_timestamp IS NULL
                    """,
                    new
                    {
                        change.Name, change.Description, change.Url, change.Status, secret = secrets.Encrypt(change.Secret), id,
                        workspace = caller.Workspace.Name, now = time.GetUtcNow().ToUnixTimeMilliseconds(),
                    });
                if (found == 0)
                    throw WebhookRules.NotFound(id);
                if (change.Events is { } events)
                {
                    await scope.ExecuteAsync("DELETE FROM webhook_events WHERE webhook_id = @id", new { id });
                    await InsertEventsAsync(scope, id, events);
                }

                return await GetAsync(scope, caller.Workspace.Name, id);
            },
            cancellationToken);

    /// <summary>Hides a webhook and gives up what it has not been sent yet.</summary>
    public Task DeleteAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            caller,
            WebhookChange.Deleted(id),
            async write =>
            {
                var scope = write.Scope;
                var key = new { id, workspace = caller.Workspace.Name, now = time.GetUtcNow().ToUnixTimeMilliseconds() };
                var found = await scope.ExecuteAsync(
                    """
                    UPDATE webhooks SET deleted_timestamp = @now, last_updated_timestamp = @now
                    WHERE workspace = @workspace AND webhook_id = @id AND deleted_timestamp IS NULL
                    """,
                    key);
                if (found == 0)
                    throw WebhookRules.NotFound(id);
                await scope.ExecuteAsync(
                    """
                    UPDATE mr_webhook_deliveries
                    SET state = 'DEAD', owner = NULL, completion_time = @now, error = 'The webhook was deleted.'
                    WHERE webhook_id = @id AND state = 'PENDING'
                    """,
                    key);
            },
            cancellationToken);

    /// <summary>Names of live webhooks whose secret was stored under another key.</summary>
    public async Task<List<string>> FindUnreadableAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            scope => scope.QueryAsync<WebhookRow>(
                $"SELECT {WebhookRow.Columns} FROM webhooks w WHERE w.secret IS NOT NULL AND w.deleted_timestamp IS NULL ORDER BY w.name"),
            cancellationToken);
        return [.. rows.Where(row => !secrets.TryDecrypt(row.Secret, out _)).Select(row => row.Name)];
    }

    private static async Task<Webhook> GetAsync(SqlScope scope, string workspace, string id)
    {
        var row = await scope.FindAsync<WebhookRow>($"SELECT {WebhookRow.Columns} FROM webhooks w WHERE {IsLive}", new { workspace, id })
            ?? throw WebhookRules.NotFound(id);
        return (await CompleteAsync(scope, [row]))[0];
    }

    private static async Task<List<Webhook>> CompleteAsync(SqlScope scope, List<WebhookRow> rows)
    {
        var events = await scope.QueryInChunksAsync<string, WebhookEventRow>(
            "SELECT webhook_id, entity, action FROM webhook_events WHERE webhook_id IN @ids ORDER BY entity, action",
            rows.Select(row => row.WebhookId),
            ids => new { ids });
        var ofWebhook = events.ToLookup(row => row.WebhookId, row => new WebhookEvent(row.Entity, row.Action));
        return [.. rows.Select(row => new Webhook(row, [.. ofWebhook[row.WebhookId]]))];
    }

    private static Task InsertEventsAsync(SqlScope scope, string id, IReadOnlyList<WebhookEvent> events) =>
        scope.InsertAsync(
            "webhook_events",
            ["webhook_id", "entity", "action"],
            [.. events.Select(item => new object?[] { id, item.Entity, item.Action })]);
}

/// <summary>What a webhook is made of, or what is to become of it.</summary>
internal sealed record WebhookContent(
    string? Name, string? Description, string? Url, string? Secret, string Status, IReadOnlyList<WebhookEvent>? Events);

internal sealed record Webhook(WebhookRow Row, IReadOnlyList<WebhookEvent> Events);

/// <summary>A row of <c>webhooks</c>.</summary>
internal sealed record WebhookRow
{
    public const string Columns =
        "w.webhook_id, w.name, w.description, w.url, w.status, w.secret, w.creation_timestamp, w.last_updated_timestamp";

    public required string WebhookId { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public required string Url { get; init; }

    public required string Status { get; init; }

    /// <summary>Encrypted.</summary>
    public string? Secret { get; init; }

    public long? CreationTimestamp { get; init; }

    public long? LastUpdatedTimestamp { get; init; }
}

/// <summary>A row of <c>webhook_events</c>.</summary>
internal sealed record WebhookEventRow
{
    public required string WebhookId { get; init; }

    public required string Entity { get; init; }

    public required string Action { get; init; }
}
