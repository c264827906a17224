using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Webhooks;

/// <summary>Says at the start which webhooks have a secret that cannot be read, before their deliveries fail one by one.</summary>
internal sealed partial class SecretCheck(WebhookStore webhooks, WebhookSecrets secrets, ServerOptions options, ILogger<SecretCheck> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.ArtifactsOnly || await webhooks.FindUnreadableAsync(cancellationToken) is not { Count: > 0 } names)
            return;
        LogUnreadable(secrets.IsKeyKept ? "is not the key of" : "is not set, so nothing can be signed for", string.Join(", ", names));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(23, LogLevel.Error, WebhookSecrets.Variable + " {Problem} the secrets of these webhooks: {Names}. Set the key, or give the webhooks new secrets")]
    private partial void LogUnreadable(string problem, string names);
}
