using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Webhooks;

/// <summary>The command <c>redeliver</c>: works on the database; a server that runs on it does the sending.</summary>
internal static class Redelivery
{
    /// <returns>What was done, for the operator.</returns>
    /// <exception cref="StartupException">The database cannot be used, or has no such delivery.</exception>
    public static async Task<string> RunAsync(ServerOptions options, string webhookId, IReadOnlyCollection<string> deliveryIds)
    {
        using var stores = await Databases.OpenAsync(options, CancellationToken.None);
        var count = await new DeliveryStore(new RegistryDatabase(stores.Registry, stores.AreOne), TimeProvider.System).RedeliverAsync(webhookId, deliveryIds, CancellationToken.None);
        return count == 0
            ? throw new StartupException($"There is nothing of webhook '{webhookId}' to deliver again.")
            : $"{count} deliveries of webhook {webhookId} are queued once more.";
    }
}
