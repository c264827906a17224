using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Local;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>Throws away uploads to the artifact destination that somebody began and did not finish.</summary>
internal sealed class UploadSweep(IBlobStore destination, TimeProvider time)
{
    /// <param name="age">How long ago they have to be begun.</param>
    public async Task RunAsync(TimeSpan age, bool isDryRun, GcReport report, IGcOutput output, CancellationToken cancellationToken)
    {
        output.Begin("Unfinished uploads", 0);
        try
        {
            if (destination is LocalBlobStore folder)
                RemovePartialFiles(folder, age, isDryRun, report, output);
            if (destination is IMultipartUploads parts)
                await AbortAsync(parts, time.GetUtcNow() - age, isDryRun, report, output, cancellationToken);
        }
        catch (Exception e) when (e is StoreException or ApiException or IOException or UnauthorizedAccessException)
        {
            report.Fail(1);
            output.Warn($"Unfinished uploads cannot be thrown away: {e.Message}");
        }
    }

    private static void RemovePartialFiles(LocalBlobStore folder, TimeSpan age, bool isDryRun, GcReport report, IGcOutput output)
    {
        foreach (var (name, size) in folder.RemoveLeftovers(age, isDryRun))
        {
            report.Add(new SweptFiles(1, size, 0, 0));
            Tell(name, isDryRun, report, output);
        }
    }

    private static async Task AbortAsync(
        IMultipartUploads parts, DateTimeOffset before, bool isDryRun, GcReport report, IGcOutput output, CancellationToken cancellationToken)
    {
        await foreach (var upload in parts.ListUnfinishedAsync(cancellationToken))
        {
            if (upload.Started > before)
                continue;
            if (!isDryRun)
                await parts.AbortAsync(upload.Path, upload.UploadId, cancellationToken);
            Tell(upload.Path.Key, isDryRun, report, output);
        }
    }

    private static void Tell(string name, bool isDryRun, GcReport report, IGcOutput output)
    {
        report.Count(Kind.Upload);
        output.Advance(1);
        output.Say($"Unfinished upload of {name} {(isDryRun ? "would be" : "has been")} thrown away.");
    }
}
