using System.Data.Common;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>
/// Deletes candidates of one kind after another for good: claim, artifacts, rows, a small batch at a time. Whatever the moment at which it is
/// cut off, the rows of what is not finished are still there, so the next collection goes on with them.
/// </summary>
internal sealed class Collector(LiveLocations live, LocationKeys keys, ArtifactSweep sweep, TimeProvider time, IGcOutput output, bool isDryRun)
{
    /// <summary>How many candidates share one pass over everything that is alive.</summary>
    private const int BlockSize = 10_000;

    private const int BatchSize = 100;
    private const int ParallelSweeps = 8;

    public GcReport Report { get; } = new();

    public async Task RunAsync(Purgeable purge, CancellationToken cancellationToken)
    {
        output.Begin($"{purge.Kind}s", output.ShowsProgress ? await purge.CountAsync(cancellationToken) : 0);
        var block = new List<Candidate>();
        await foreach (var page in purge.PagesAsync(cancellationToken))
        {
            block.AddRange(page);
            if (block.Count < BlockSize)
                continue;
            await RunBlockAsync(purge, block, cancellationToken);
            block = [];
        }

        if (block.Count > 0)
            await RunBlockAsync(purge, block, cancellationToken);
    }

    private async Task RunBlockAsync(Purgeable purge, List<Candidate> block, CancellationToken cancellationToken)
    {
        var start = time.GetUtcNow();
        var overlaps = new Overlaps(keys, block);
        await foreach (var location in live.ReadAsync(cancellationToken))
            overlaps.Note(location);
        foreach (var batch in block.Chunk(BatchSize))
        {
            await RunBatchAsync(purge, batch, overlaps, start, cancellationToken);
            output.Advance(batch.Length);
        }
    }

    private async Task RunBatchAsync(Purgeable purge, Candidate[] batch, Overlaps overlaps, DateTimeOffset start, CancellationToken cancellationToken)
    {
        var claimed = batch;
        if (!isDryRun)
        {
            var ids = (await purge.ClaimAsync([.. batch.Select(candidate => candidate.Id)], cancellationToken)).ToHashSet();
            claimed = [.. batch.Where(candidate => ids.Contains(candidate.Id))];

            // What somebody began to use while the batches before were deleted.
            foreach (var location in await live.ChangedSinceAsync(start, cancellationToken))
                overlaps.Note(location);
        }

        var swept = new Swept[claimed.Length];
        await Parallel.ForAsync(
            0,
            claimed.Length,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelSweeps, CancellationToken = cancellationToken },
            async (i, token) => swept[i] = await TrySweepAsync(purge, claimed[i], token));
        foreach (var one in swept)
            Note(one);
        await sweep.ForgetAsync(swept.Select(one => one.Files).OfType<SweptFiles>(), cancellationToken);
        Swept[] gone = [.. swept.Where(one => one.Files is not null && (purge.RowsGoWithoutFiles || one.Candidate.Held is null))];
        if (isDryRun || await TryDeleteRowsAsync(purge, [.. gone.Select(one => one.Candidate)], cancellationToken))
        {
            foreach (var one in gone)
                Tell(one.Candidate, one.Files!);
        }
    }

    private async Task<Swept> TrySweepAsync(Purgeable purge, Candidate candidate, CancellationToken cancellationToken)
    {
        var name = $"{candidate.Kind.ToLowerInvariant()} {candidate.Id}";
        try
        {
            // Nothing would be deleted; a listing of all files, at every collection again, is not worth its price.
            var isInUse = candidate.IsHeldWhole && !purge.RowsGoWithoutFiles;
            return new Swept(candidate, isInUse ? null : await sweep.RunAsync(candidate, isDryRun, cancellationToken), null);
        }
        catch (ApiException e) when (e.Code == ErrorCode.InvalidParameterValue)
        {
            var warning = $"Unable to resolve the provided artifact URL: '{candidate.Location}' of {name}: {e.Message} The gc process will continue and bypass "
                + "artifact deletion. Please ensure that the artifact exists and consider manually deleting any unused artifacts.";
            return new Swept(candidate, SweptFiles.None, warning);
        }
        catch (Exception e) when (e is ApiException or StoreException or IOException or UnauthorizedAccessException)
        {
            return new Swept(candidate, null, $"The artifacts of {name} at '{candidate.Location}' cannot be deleted, so it stays: {e.Message}");
        }
    }

    private void Note(Swept one)
    {
        if (one.Warning is null)
            return;
        output.Warn(one.Warning);
        if (one.Files is null)
            Report.Fail(1);
    }

    private async Task<bool> TryDeleteRowsAsync(Purgeable purge, Candidate[] gone, CancellationToken cancellationToken)
    {
        if (gone.Length == 0)
            return true;
        try
        {
            await purge.DeleteAsync(gone, cancellationToken);
            return true;
        }
        catch (DbException e)
        {
            Report.Fail(gone.Length);
            output.Warn($"The rows of {gone.Length} {purge.Kind.ToLowerInvariant()}s from {gone[0].Id} on cannot be deleted, so they stay: {e.Message}");
            return false;
        }
    }

    private void Tell(Candidate candidate, SweptFiles files)
    {
        Report.Count(candidate.Kind);
        Report.Add(files);
        var kept = files.KeptCount == 0 ? "" : $" Kept, because something that is not deleted uses them: {GcReport.FilesOf(files.KeptCount, files.KeptBytes)}.";
        output.Say(isDryRun
            ? $"{candidate.Kind} with ID {candidate.Id} would be permanently deleted: {GcReport.FilesOf(files.Count, files.Bytes)}.{kept}"
            : $"{candidate.Kind} with ID {candidate.Id} has been permanently deleted.{kept}");
    }

    /// <param name="Files">Null when they are still there.</param>
    /// <param name="Warning">For the operator; a failure when the files are still there.</param>
    private sealed record Swept(Candidate Candidate, SweptFiles? Files, string? Warning);
}
