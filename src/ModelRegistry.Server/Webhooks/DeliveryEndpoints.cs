using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Webhooks;

/// <summary>The delivery log of a webhook and redelivery; not MLflow's, and so below <c>/api/2.0/modelregistry</c>.</summary>
internal sealed class DeliveryEndpoints(WebhookStore webhooks, DeliveryStore deliveries, DeliverySignal signal)
{
    private const long DefaultPage = 100;
    private const long MaxPage = 1000;

    public void Map(RpcRoutes rpc)
    {
        rpc.Get<ListDeliveriesRequest, ListDeliveriesResponse>("webhooks/{webhook_id}/deliveries", ListAsync)
            .RequirePermission(Permission.Manage, Resource.Server);
        rpc.Post<RedeliverRequest, RedeliverResponse>("webhooks/{webhook_id}/redeliver", RedeliverAsync)
            .RequirePermission(Permission.Manage, Resource.Server);
    }

    /// <summary>The deliveries of a webhook: what was sent, when, and what the receiver answered.</summary>
    private async Task<ListDeliveriesResponse> ListAsync(ListDeliveriesRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var limit = request.MaxResults is null or 0 ? DefaultPage : request.MaxResults.Value;
        if (limit is < 1 or > MaxPage)
            throw ApiException.Invalid($"max_results must be between 1 and {MaxPage}.");
        var state = string.IsNullOrEmpty(request.State) ? null : request.State;
        if (state is not null && !DeliveryState.All.Contains(state))
            throw ApiException.Invalid($"state must be one of {string.Join(", ", DeliveryState.All)}, not {PythonText.Repr(state)}.");
        var offset = PageToken.Decode(request.PageToken);
        var webhook = await webhooks.GetAsync(context.Workspace, request.WebhookId!, cancellationToken);
        var found = await deliveries.ListAsync(webhook.Row.WebhookId, state, limit, offset, cancellationToken);
        var next = found.Count > limit ? PageToken.Encode(offset + limit) : null;
        return new ListDeliveriesResponse([.. found.Take((int)limit).Select(DeliveryBody.From)], next);
    }

    /// <summary>Sends deliveries of a webhook again.</summary>
    private async Task<RedeliverResponse> RedeliverAsync(RedeliverRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var webhook = await webhooks.GetAsync(context.Workspace, request.WebhookId!, cancellationToken);
        var count = await deliveries.RedeliverAsync(webhook.Row.WebhookId, request.DeliveryIds ?? [], cancellationToken);
        signal.Set();
        return new RedeliverResponse(count);
    }
}

internal sealed record ListDeliveriesRequest
{
    public string? WebhookId { get; set; }

    [Must(Be.Text)]
    public string? State { get; set; }

    [Must(Be.Integer)]
    public long? MaxResults { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}

internal sealed record RedeliverRequest
{
    public string? WebhookId { get; set; }

    /// <summary>All that were given up, when there are none.</summary>
    [Must(Be.ListOfText)]
    public List<string>? DeliveryIds { get; set; }
}

internal sealed record DeliveryBody(
    string DeliveryId,
    string WebhookId,
    string ModelName,
    WebhookEventBody Event,
    string State,
    int Attempts,
    long CreationTimestamp,
    long? NextAttemptTimestamp,
    long? CompletionTimestamp,
    int? ResponseStatus,
    string? ErrorMessage)
{
    public static DeliveryBody From(DeliveryRow row) => new(
        row.DeliveryId, row.WebhookId, row.ModelName, WebhookEventBody.From(new WebhookEvent(row.Entity, row.Action)), row.State, row.Attempts,
        row.CreationTime, row.State == DeliveryState.Pending ? row.DueTime : null, row.CompletionTime, row.ResponseStatus, row.Error);
}

internal sealed record ListDeliveriesResponse(List<DeliveryBody> Deliveries, string? NextPageToken);

/// <param name="Count">How many are queued once more.</param>
internal sealed record RedeliverResponse(int Count);
