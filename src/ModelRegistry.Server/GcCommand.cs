using ModelRegistry.Server.Errors;
using ModelRegistry.Server.GarbageCollection;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server;

/// <summary>The command <c>gc</c>: works on the databases and the artifact store, with or without a server that runs on them.</summary>
internal static class GcCommand
{
    private const int Incomplete = 1;

    /// <returns>The exit code.</returns>
    /// <exception cref="StartupException">A store cannot be used, or something named cannot be deleted.</exception>
    public static async Task<int> RunAsync(ServerOptions options, GcRequest request)
    {
        await using var services = await ServerApp.OpenWithoutServerAsync(options, CancellationToken.None);
        var collector = services.GetRequiredService<GarbageCollector>();
        var report = await GcConsole.RunAsync(output => collector.RunAsync(request, output, CancellationToken.None));
        Console.Out.WriteLine(report.Describe(request.DryRun));
        return report.Failures > 0 ? Incomplete : 0;
    }
}
