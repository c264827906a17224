using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Direct;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server;

/// <summary><c>serve --check</c>: tries what the server needs, starts nothing and changes nothing that stays.</summary>
internal static class ServerCheck
{
    /// <summary>Writes a line for each thing that was tried.</summary>
    /// <returns>Whether the server would start.</returns>
    public static async Task<bool> RunAsync(ServerOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var isWell = true;
        if (!options.ArtifactsOnly)
        {
            isWell &= await TryAsync("database", output, () => Databases.DescribeAsync(options, options.BackendStoreUri, cancellationToken));
            if (options.RegistryStoreUri is { } registry)
                isWell &= await TryAsync("registry", output, () => Databases.DescribeAsync(options, registry, cancellationToken));
        }

        if (options.ServeArtifacts)
            isWell &= await TryAsync("artifacts", output, () => ProbeAsync(options, output, cancellationToken));
        return isWell;
    }

    private static async Task<string> ProbeAsync(ServerOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        using var factory = new BlobStoreFactory(options);
        if (ArtifactFolder.IsFolder(options.ArtifactsDestination))
            ArtifactFolder.Prepare(options.ArtifactsDestination);
        var stores = new ArtifactStores(options, factory, ledger: null);
        var transfers = new DirectTransfers(options, stores);
        var report = await new StoreProbe(stores, transfers).RunAsync(cancellationToken);
        foreach (var (what, failure) in (IEnumerable<(string, string?)>)[("uploads", report.Uploads), ("downloads", report.Downloads)])
        {
            if (failure is not null)
                output.WriteLine(failure.Length == 0 ? $"ok    direct {what} past this server work" : $"note  direct {what} are off: {failure}");
        }

        return $"{options.ArtifactsDestination}: wrote, read, listed and deleted a file";
    }

    private static async Task<bool> TryAsync(string what, TextWriter output, Func<Task<string>> attempt)
    {
        try
        {
            output.WriteLine($"ok    {what} {await attempt()}");
            return true;
        }
        catch (StartupException e)
        {
            output.WriteLine($"FAIL  {what}: {e.Message}");
        }
        catch (StoreException e)
        {
            output.WriteLine($"FAIL  {what}: {StoreErrors.Explain(e)}");
        }

        return false;
    }
}
