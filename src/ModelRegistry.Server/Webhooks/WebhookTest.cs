using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Webhooks;

/// <summary>The test call: one example event, sent at once and not recorded.</summary>
internal sealed class WebhookTest(WebhookSender sender, ServerOptions options, TimeProvider time)
{
    public async Task<SendResult> RunAsync(WebhookRow webhook, WebhookEvent what, CancellationToken cancellationToken)
    {
        if (!options.Webhooks.Deliver)
            return SendResult.Failed("This server does not send webhooks (--no-webhook-delivery).");
        var payload = EventPayload.Example(what, time.GetUtcNow());
        return await sender.SendAsync(webhook.Url, webhook.Secret, Guid.NewGuid().ToString(), payload, attempt: 1, cancellationToken);
    }
}
