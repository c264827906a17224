using System.Text.Json.Serialization;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Webhooks;

/// <summary>All of this folder, for the composition root.</summary>
internal static class WebhooksSlice
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<JsonSerializerContext>(WebhooksJson.Default);
        services.AddSingleton(provider => WebhookSecrets.Of(options.Webhooks, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WebhookWriter>().AddSingleton<WebhookStore>().AddSingleton<WebhookTargets>().AddSingleton<WebhookSender>().AddSingleton<WebhookTest>();
        services.AddSingleton<WebhookEndpoints>().AddHostedService<SecretCheck>();
        services.AddSingleton<DeliverySignal>().AddSingleton<Outbox>().AddSingleton<DeliveryStore>();
        services.AddSingleton<DeliveryEndpoints>().AddHostedService<WebhookDispatcher>();
        return services;
    }

    public static void MapWebhooks(this ServerRoutes routes)
    {
        routes.Of<WebhookEndpoints>().Map(routes.Mlflow);
        routes.Of<DeliveryEndpoints>().Map(routes.Own);
    }
}
