namespace ModelRegistry.Server.Artifacts;

/// <summary>Clears away, when the server starts, the uploads that a killed one left unfinished.</summary>
internal sealed class LeftoverSweep(ArtifactStores stores) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        stores.RemoveLeftovers();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
