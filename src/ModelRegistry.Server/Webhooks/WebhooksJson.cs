using System.Text.Json.Serialization;

namespace ModelRegistry.Server.Webhooks;

/// <summary>The wire records of this slice; <see cref="Http.Json.WireJson"/> has the rules they are written by.</summary>
[JsonSerializable(typeof(CreateWebhookRequest))]
[JsonSerializable(typeof(ListDeliveriesRequest))]
[JsonSerializable(typeof(ListDeliveriesResponse))]
[JsonSerializable(typeof(ListWebhooksRequest))]
[JsonSerializable(typeof(ListWebhooksResponse))]
[JsonSerializable(typeof(RedeliverRequest))]
[JsonSerializable(typeof(RedeliverResponse))]
[JsonSerializable(typeof(TestWebhookRequest))]
[JsonSerializable(typeof(TestWebhookResponse))]
[JsonSerializable(typeof(UpdateWebhookRequest))]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(WebhookResponse))]
internal sealed partial class WebhooksJson : JsonSerializerContext;
