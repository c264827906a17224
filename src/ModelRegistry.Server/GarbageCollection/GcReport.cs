using System.Globalization;
using ModelRegistry.Server.Artifacts.Integrity;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>What was done, or, in a dry run, what would be.</summary>
internal sealed class GcReport
{
    private readonly Dictionary<string, int> counts = [];

    public long Files { get; private set; }

    public long Bytes { get; private set; }

    public long KeptFiles { get; private set; }

    public long KeptBytes { get; private set; }

    /// <summary>Things that stay because something went wrong; the next collection tries again.</summary>
    public int Failures { get; private set; }

    public int Of(string kind) => counts.GetValueOrDefault(kind);

    public void Count(string kind, int number = 1) => counts[kind] = Of(kind) + number;

    public void Fail(int number) => Failures += number;

    public void Add(SweptFiles files)
    {
        Files += files.Count;
        Bytes += files.Bytes;
        KeptFiles += files.KeptCount;
        KeptBytes += files.KeptBytes;
    }

    public string Describe(bool isDryRun)
    {
        string[] kinds = [Kind.Run, Kind.LoggedModel, Kind.Trace, Kind.Version, Kind.Experiment, Kind.Job, Kind.Upload];
        var done = kinds.Where(kind => Of(kind) > 0).Select(kind => $"{Of(kind)} {Plural(kind, Of(kind))}").ToList();
        var text = done.Count == 0
            ? "Nothing to delete."
            : $"{(isDryRun ? "Would delete" : "Deleted")} {string.Join(", ", done)}: {FilesOf(Files, Bytes)}.";
        if (KeptFiles > 0)
            text += $" Kept, because something that is not deleted uses them: {FilesOf(KeptFiles, KeptBytes)}.";
        if (Failures > 0)
            text += $" {Failures} could not be deleted; run it again when the cause is mended.";
        return text;
    }

    /// <summary>Number and size of files, for people.</summary>
    public static string FilesOf(long count, long bytes) => $"{count} {Plural("file", count)} with {Size(bytes)}";

    private static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        double size = bytes;
        for (; size >= 1024 && unit < units.Length - 1; unit++)
            size /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? size : Math.Round(size, 1))} {units[unit]}");
    }

    private static string Plural(string kind, long count)
    {
        var word = kind.ToLowerInvariant();
        return count == 1 ? word : word + "s";
    }
}

/// <summary>Files of one candidate.</summary>
/// <param name="KeptCount">Those that live things point at.</param>
internal sealed record SweptFiles(long Count, long Bytes, long KeptCount, long KeptBytes)
{
    public static readonly SweptFiles None = new(0, 0, 0, 0);

    /// <summary>The folder that was deleted as a whole, of whose files the ledger still knows; null for none.</summary>
    public ArtifactAddress? Folder { get; init; }
}
