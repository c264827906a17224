using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>The server's own garbage collection, when <c>--gc-interval</c> switches it on.</summary>
internal sealed partial class GcRounds(GarbageCollector collector, Leases leases, ServerOptions options, TimeProvider time, ILogger<GcRounds> logger)
    : PeriodicWork(leases, "gc", options.ArtifactsOnly ? null : options.GcInterval?.Length, time, logger), IGcOutput
{
    private readonly ILogger logger = logger;

    public bool ShowsProgress => false;

    public void Begin(string what, long total)
    {
        // A log has no bar.
    }

    public void Advance(int count)
    {
        // Nor does it move.
    }

    public void Say(string line) => LogDone(line);

    public void Warn(string line) => LogProblem(line);

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        var request = new GcRequest
        {
            OlderThan = options.GcRetention,
            UnfinishedUploads = options.GcRetention,
            Workspace = options.EnableWorkspaces ? null : GcRequest.DefaultWorkspace,
        };
        LogRound((await collector.RunAsync(request, this, cancellationToken)).Describe(isDryRun: false));
    }

    [LoggerMessage(50, LogLevel.Debug, "{Line}")]
    private partial void LogDone(string line);

    [LoggerMessage(51, LogLevel.Warning, "Garbage collection: {Line}")]
    private partial void LogProblem(string line);

    [LoggerMessage(52, LogLevel.Information, "Garbage collection: {Summary}")]
    private partial void LogRound(string summary);
}
