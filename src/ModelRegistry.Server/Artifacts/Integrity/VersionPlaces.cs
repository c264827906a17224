using System.Text.RegularExpressions;
using ModelRegistry.Server.Artifacts.Local;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Registry;
using ModelRegistry.Server.Tracking.LoggedModels;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>Finds the files of a model version, and makes sure each time that they are its own.</summary>
internal sealed partial class VersionPlaces(ArtifactStores stores, RunLocator runs, LoggedModelLocator models)
{
    private const string RunScheme = "runs:/";

    /// <exception cref="ApiException">They are out of reach, in another workspace, or outside of what the version was made from.</exception>
    public async Task<ArtifactPlace> LocateAsync(Workspace workspace, VersionLocation version, CancellationToken cancellationToken)
    {
        // Clients other than Python's leave such a source as it is.
        if (version.Uri.StartsWith(RunScheme, StringComparison.Ordinal)
            && version.Uri[RunScheme.Length..].TrimStart('/').Split('/', 2) is [var runId, var folder])
        {
            var run = await runs.GetAsync(workspace, runId, cancellationToken);
            var place = stores.Locate(workspace, run.ArtifactUri);
            return place with { Folder = place.Folder.Join(ArtifactPath.Parse(folder)) };
        }

        var found = stores.Locate(workspace, version.Uri);
        if (PythonUrl.Parse(version.Uri).Scheme is "" or "file")
            await RequireOwnAsync(workspace, version, found, cancellationToken);
        return found;
    }

    /// <summary>
    /// A folder of this machine has to be in that of the version's run or logged model. It was so when the version was made; links may have
    /// been laid since, and the database may be older than the rule.
    /// </summary>
    private async Task RequireOwnAsync(Workspace workspace, VersionLocation version, ArtifactPlace found, CancellationToken cancellationToken)
    {
        var run = string.IsNullOrEmpty(version.RunId) ? null : await runs.FindAsync(workspace, version.RunId, cancellationToken);
        var model = LoggedModel().Match(found.Root) is { Success: true } match
            ? await models.FindAsync(workspace, match.Groups[1].Value, cancellationToken)
            : null;
        if (!IsWithin(workspace, run?.ArtifactUri, found) && !IsWithin(workspace, model?.ArtifactLocation, found))
        {
            throw ApiException.Invalid(
                $"Invalid model version source: '{version.Uri}'. A local path has to be within the artifact directory of the run or logged model "
                + "that the version comes from.");
        }
    }

    private bool IsWithin(Workspace workspace, string? owner, ArtifactPlace found) =>
        !string.IsNullOrEmpty(owner) && PythonUrl.Parse(owner).Scheme is "" or "file"
        && RealPath.Of(FolderOf(stores.Locate(workspace, owner))) is { } folder
        && RealPath.Of(FolderOf(found)) is { } real
        && RealPath.IsWithin(folder, real);

    private static string FolderOf(ArtifactPlace place) => place.Root["file://".Length..];

    [GeneratedRegex("/models/([^/]+)/artifacts(/|$)")]
    private static partial Regex LoggedModel();
}
