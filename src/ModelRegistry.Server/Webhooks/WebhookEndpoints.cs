using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Webhooks;

/// <summary>The <c>webhooks</c> calls.</summary>
internal sealed class WebhookEndpoints(WebhookStore webhooks, WebhookTargets targets, WebhookTest test)
{
    private const long DefaultPage = 100;
    private const long MaxPage = 1000;

    public void Map(RpcRoutes rpc)
    {
        rpc.Post<CreateWebhookRequest, WebhookResponse>("webhooks", CreateAsync).RequirePermission(Permission.Manage, Resource.Server);
        rpc.Get<ListWebhooksRequest, ListWebhooksResponse>("webhooks", ListAsync).RequirePermission(Permission.Manage, Resource.Server);
        rpc.Get<WebhookRequest, WebhookResponse>("webhooks/{webhook_id}", GetAsync).RequirePermission(Permission.Manage, Resource.Server);
        rpc.Patch<UpdateWebhookRequest, WebhookResponse>("webhooks/{webhook_id}", UpdateAsync).RequirePermission(Permission.Manage, Resource.Server);
        rpc.Delete<WebhookRequest, EmptyResponse>("webhooks/{webhook_id}", DeleteAsync).RequirePermission(Permission.Manage, Resource.Server);
        rpc.Post<TestWebhookRequest, TestWebhookResponse>("webhooks/{webhook_id}/test", TestAsync)
            .RequirePermission(Permission.Manage, Resource.Server);
    }

    /// <summary>Creates a webhook that is told of events of the registry.</summary>
    private async Task<WebhookResponse> CreateAsync(CreateWebhookRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var events = Parse(request.Events);
        WebhookRules.CheckName(request.Name);
        await targets.CheckAsync(request.Url, cancellationToken);
        WebhookRules.CheckEvents(events);
        var added = new WebhookContent(
            request.Name, Given(request.Description), request.Url, Given(request.Secret), WebhookRules.ParseStatus(request.Status), events);
        return new WebhookResponse(WebhookBody.From(await webhooks.CreateAsync(context.Caller, added, cancellationToken)));
    }

    /// <summary>Lists webhooks, up to 1000 a page.</summary>
    private async Task<ListWebhooksResponse> ListAsync(ListWebhooksRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var limit = request.MaxResults is null or 0 ? DefaultPage : request.MaxResults.Value;
        if (limit is < 1 or > MaxPage)
            throw ApiException.Invalid($"max_results must be between 1 and {MaxPage}.");
        var (found, next) = await webhooks.ListAsync(context.Workspace, (int)limit, request.PageToken, cancellationToken);
        return new ListWebhooksResponse(found.ConvertAll(WebhookBody.From), next);
    }

    /// <summary>One webhook.</summary>
    private async Task<WebhookResponse> GetAsync(WebhookRequest request, RequestContext context, CancellationToken cancellationToken) =>
        new(WebhookBody.From(await webhooks.GetAsync(context.Workspace, request.WebhookId!, cancellationToken)));

    /// <summary>Changes the given fields of a webhook.</summary>
    private async Task<WebhookResponse> UpdateAsync(UpdateWebhookRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var events = Parse(request.Events);
        _ = await webhooks.GetAsync(context.Workspace, request.WebhookId!, cancellationToken);
        if (Given(request.Name) is { } name)
            WebhookRules.CheckName(name);
        if (Given(request.Url) is { } url)
            await targets.CheckAsync(url, cancellationToken);

        // MLflow reads an absent status as its default, so that a change without one makes the webhook active.
        var change = new WebhookContent(
            Given(request.Name), Given(request.Description), Given(request.Url), Given(request.Secret), WebhookRules.ParseStatus(request.Status),
            events.Count == 0 ? null : events);
        return new WebhookResponse(WebhookBody.From(await webhooks.UpdateAsync(context.Caller, request.WebhookId!, change, cancellationToken)));
    }

    /// <summary>Deletes a webhook.</summary>
    private async Task<EmptyResponse> DeleteAsync(WebhookRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await webhooks.DeleteAsync(context.Caller, request.WebhookId!, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Sends an example of an event to a webhook and says how it was answered.</summary>
    private async Task<TestWebhookResponse> TestAsync(TestWebhookRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var chosen = request.Event is { } given ? WebhookEvent.Parse(given.Entity, given.Action) : null;
        var webhook = await webhooks.GetAsync(context.Workspace, request.WebhookId!, cancellationToken);
        var result = await test.RunAsync(webhook.Row, chosen ?? webhook.Events[0], cancellationToken);
        return new TestWebhookResponse(
            result.IsSuccess
                ? new WebhookTestResultBody(true, result.Status, null)
                : new WebhookTestResultBody(false, result.Status, $"Failed to test webhook: {result.Error}"));
    }

    /// <summary>The empty text is MLflow's way to say nothing.</summary>
    private static string? Given(string? text) => text == "" ? null : text;

    private static List<WebhookEvent> Parse(List<WebhookEventBody>? events) =>
        [.. (events ?? []).Select(item => WebhookEvent.Parse(item.Entity, item.Action))];
}

internal sealed record CreateWebhookRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Url { get; set; } = null!;

    [Must(Be.TypeFirst | Be.List | Be.Required)]
    public List<WebhookEventBody> Events { get; set; } = null!;

    [Must(Be.Text)]
    public string? Description { get; set; }

    [Must(Be.Text)]
    public string? Secret { get; set; }

    [Must(Be.Text)]
    public string? Status { get; set; }
}

internal sealed record UpdateWebhookRequest
{
    public string? WebhookId { get; set; }

    [Must(Be.Text)]
    public string? Name { get; set; }

    [Must(Be.Text)]
    public string? Description { get; set; }

    [Must(Be.Text)]
    public string? Url { get; set; }

    [Must(Be.List)]
    public List<WebhookEventBody>? Events { get; set; }

    [Must(Be.Text)]
    public string? Secret { get; set; }

    [Must(Be.Text)]
    public string? Status { get; set; }
}

internal sealed record ListWebhooksRequest
{
    [Must(Be.Integer)]
    public long? MaxResults { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}

/// <summary>Names a webhook; for get and delete.</summary>
internal sealed record WebhookRequest
{
    public string? WebhookId { get; set; }
}

internal sealed record TestWebhookRequest
{
    public string? WebhookId { get; set; }

    public WebhookEventBody? Event { get; set; }
}

internal sealed record WebhookEventBody
{
    public string? Entity { get; set; }

    public string? Action { get; set; }

    public static WebhookEventBody From(WebhookEvent item) =>
        new() { Entity = item.Entity.ToUpperInvariant(), Action = item.Action.ToUpperInvariant() };
}

internal sealed record WebhookBody(
    string WebhookId,
    string Name,
    string? Description,
    string Url,
    List<WebhookEventBody> Events,
    string Status,
    long? CreationTimestamp,
    long? LastUpdatedTimestamp)
{
    public static WebhookBody From(Webhook webhook)
    {
        var row = webhook.Row;
        return new WebhookBody(
            row.WebhookId, row.Name, row.Description == "" ? null : row.Description, row.Url, [.. webhook.Events.Select(WebhookEventBody.From)],
            row.Status, row.CreationTimestamp, row.LastUpdatedTimestamp);
    }
}

internal sealed record WebhookResponse(WebhookBody Webhook);

internal sealed record ListWebhooksResponse(List<WebhookBody> Webhooks, string? NextPageToken);

internal sealed record TestWebhookResponse(WebhookTestResultBody Result);

/// <summary>The answer's body is never passed on: it would make this server a window into networks that its callers cannot reach.</summary>
internal sealed record WebhookTestResultBody(bool Success, int? ResponseStatus, string? ErrorMessage);
