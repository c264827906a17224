using System.Globalization;
using ModelRegistry.Server.Registry;

namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>What was found of a model version.</summary>
/// <param name="State">A word of <see cref="FileState"/>: the worst of its files.</param>
/// <param name="Detail">A sentence; the same for the same findings.</param>
/// <param name="Files">All files that were looked for.</param>
internal sealed record VersionFinding(VersionLocation Version, string State, string Detail, IReadOnlyList<FileFinding> Files)
{
    private const int NamedFiles = 5;

    private static readonly string[] WorstFirst = [FileState.Missing, FileState.Changed, FileState.Unknown];

    /// <summary>Whether the version was in another state before.</summary>
    public bool IsNews { get; init; }

    /// <summary>The store could not be reached; nothing was found out, and nothing was noted.</summary>
    public bool IsPassedOver { get; init; }

    public bool IsWrong => State is FileState.Missing or FileState.Changed;

    public static VersionFinding Of(VersionLocation version, IReadOnlyList<FileFinding> files)
    {
        if (files.Count == 0)
            return new VersionFinding(version, FileState.Missing, $"There are no files at {version.Uri}.", files);
        var groups = WorstFirst.Select(state => (State: state, Files: files.Where(file => file.State == state).ToList()))
            .Where(group => group.Files.Count > 0).ToList();
        return groups.Count == 0
            ? new VersionFinding(version, FileState.Ok, $"{Count(files.Count, "file")} as recorded.", files)
            : new VersionFinding(version, groups[0].State, string.Join(' ', groups.Select(group => Describe(group.State, group.Files, files.Count))), files);
    }

    private static string Describe(string state, List<FileFinding> files, int all)
    {
        var named = files.OrderBy(file => file.Path, StringComparer.Ordinal).Take(NamedFiles)
            .Select(file => file.Detail is null ? file.Path : $"{file.Path} ({file.Detail})");
        var more = files.Count > NamedFiles ? string.Create(CultureInfo.InvariantCulture, $" and {files.Count - NamedFiles} more") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{files.Count} of {Count(all, "file")} {state}: {string.Join(", ", named)}{more}.");
    }

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
