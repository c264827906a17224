using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Registry;

namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>Verifies all versions again and again, when <c>--verify-interval</c> says so.</summary>
internal sealed partial class IntegrityRounds(
    Verification verification, Leases leases, ServerOptions options, TimeProvider time, ILogger<IntegrityRounds> logger)
    : PeriodicWork(leases, "artifacts.verify", options.ArtifactsOnly ? null : options.Integrity.Interval, time, logger)
{
    private readonly ILogger logger = logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        await foreach (var finding in verification.RunAsync(new VersionSelection(), options.Integrity.Deep, cancellationToken))
        {
            if (finding.IsPassedOver || (finding.IsWrong && finding.IsNews))
                LogFinding(finding.Version.Name, finding.Version.Version, finding.State, finding.Detail);
        }
    }

    [LoggerMessage(51, LogLevel.Warning, "The files of version {Version} of '{Model}' are {State}: {Detail}")]
    private partial void LogFinding(string model, long version, string state, string detail);
}
