using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Webhooks;

namespace ModelRegistry.Server.Registry;

/// <inheritdoc/>
internal sealed class RegistryWrite(SqlScope scope, Caller caller, long now, IReadOnlyList<FactRow> before) : PendingChange(scope, caller, now, before)
{
    /// <summary>The webhooks that ask for the events of the change.</summary>
    public IReadOnlyList<WebhookEventRow> Subscribers { get; init; } = [];
}
