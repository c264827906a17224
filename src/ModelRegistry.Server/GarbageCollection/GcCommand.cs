using Microsoft.Extensions.Logging.Abstractions;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Integrity;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>The command <c>gc</c>: works on the databases and the artifact store, with or without a server that runs on them.</summary>
internal static class GcCommand
{
    private const int Incomplete = 1;

    /// <returns>The exit code.</returns>
    /// <exception cref="StartupException">A store cannot be used, or something named cannot be deleted.</exception>
    public static async Task<int> RunAsync(ServerOptions options, GcRequest request)
    {
        Databases.RequireDatabases(options);
        using var stores = await Databases.OpenAsync(options with { ArtifactsOnly = false }, CancellationToken.None);
        var ledger = new ArtifactLedger(stores.Tracking, TimeProvider.System, NullLogger<ArtifactLedger>.Instance);
        using var factory = new BlobStoreFactory(options);
        var artifacts = new ArtifactStores(options, factory, ledger);
        var collector = new GarbageCollector(stores, options, artifacts, TimeProvider.System);
        var report = await GcConsole.RunAsync(output => collector.RunAsync(request, output, CancellationToken.None));
        Console.Out.WriteLine(report.Describe(request.DryRun));
        return report.Failures > 0 ? Incomplete : 0;
    }
}
