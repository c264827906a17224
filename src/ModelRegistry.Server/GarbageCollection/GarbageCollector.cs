using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>Deletes for good what was deleted long enough ago: the command <c>gc</c> and the server's own rounds.</summary>
internal sealed class GarbageCollector(Databases stores, ServerOptions options, ArtifactStores artifacts, TimeProvider time)
{
    private const int ExperimentPage = 100;

    /// <summary>Runs, logged models, experiments, then the rest. May be cut off at any moment, and may run at the same time as another.</summary>
    /// <exception cref="StartupException">Something that the request names cannot be deleted; nothing was.</exception>
    public async Task<GcReport> RunAsync(GcRequest request, IGcOutput output, CancellationToken cancellationToken)
    {
        var before = (time.GetUtcNow() - (request.OlderThan?.Length ?? TimeSpan.Zero)).ToUnixTimeMilliseconds();
        await GcSelection.CheckAsync(stores.Tracking, request, before, cancellationToken);
        var live = new LiveLocations(stores);
        var keys = new LocationKeys(options, artifacts);
        var collector = new Collector(live, keys, new ArtifactSweep(artifacts), time, output, request.DryRun);
        await collector.RunAsync(new RunPurge(stores.Tracking, request, before, time), cancellationToken);
        await collector.RunAsync(new LoggedModelPurge(stores.Tracking, request, before, experiments: null), cancellationToken);
        await CollectExperimentsAsync(collector, request, before, output, cancellationToken);
        if (request.DeletedVersions)
        {
            bool IsOurs(Candidate version) => keys.IsBelowRoot(version.Workspace, version.Location);
            await collector.RunAsync(new VersionPurge(stores, live, request, before, IsOurs), cancellationToken);
        }

        if (request.Jobs || request.JobIds is not null)
            await new JobPurge(stores.Tracking, request, before).RunAsync(collector.Report, output, cancellationToken);
        if (request.UnfinishedUploads is { } age && options.ServeArtifacts)
            await new UploadSweep(artifacts.Destination.Store, time).RunAsync(age.Length, request.DryRun, collector.Report, output, cancellationToken);
        return collector.Report;
    }

    private async Task CollectExperimentsAsync(
        Collector collector, GcRequest request, long before, IGcOutput output, CancellationToken cancellationToken)
    {
        var purge = new ExperimentPurge(stores.Tracking, request, before, time);
        var page = new List<ExperimentCandidate>();
        do
        {
            page = await purge.PageAsync(page.Count == 0 ? -1 : page[^1].Id, ExperimentPage, cancellationToken);
            List<long> ready = request.DryRun
                ? [.. page.Where(experiment => experiment.Runs == experiment.DeletedRuns).Select(experiment => experiment.Id)]
                : await purge.ClaimAsync([.. page.Select(experiment => experiment.Id)], cancellationToken);
            await CollectContentAsync(collector, request, before, ready, cancellationToken);
            var gone = request.DryRun || ready.Count == 0 ? ready : await purge.DeleteAsync(ready, cancellationToken);
            Tell(page, gone, request.DryRun, collector.Report, output);
        }
        while (page.Count == ExperimentPage);
    }

    private async Task CollectContentAsync(
        Collector collector, GcRequest request, long before, List<long> experiments, CancellationToken cancellationToken)
    {
        if (experiments.Count == 0)
            return;
        await collector.RunAsync(new LoggedModelPurge(stores.Tracking, request, before, experiments), cancellationToken);
        await collector.RunAsync(new TracePurge(stores.Tracking, experiments), cancellationToken);
    }

    private static void Tell(List<ExperimentCandidate> page, List<long> gone, bool isDryRun, GcReport report, IGcOutput output)
    {
        report.Count(Kind.Experiment, gone.Count);
        foreach (var id in gone)
            output.Say($"Experiment with ID {id} {(isDryRun ? "would be" : "has been")} permanently deleted.");
        foreach (var left in page.Where(experiment => !gone.Contains(experiment.Id)))
        {
            output.Warn(
                $"Experiment with ID {left.Id} stays: it has runs that are not deleted, were deleted too short a time ago, or could not be deleted, "
                + "or logged models or traces that could not.");
        }
    }
}
