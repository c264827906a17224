using System.Globalization;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Tracking.LoggedModels;

namespace ModelRegistry.Server.Registry;

/// <summary>
/// Turns the source of a new version into the place of its files, through <c>models:/</c> when it names another version or a logged model.
/// </summary>
internal sealed class ModelSource(LoggedModelLocator loggedModels, VersionLocator versions, AliasStore aliases)
{
    /// <param name="runId">Empty for none.</param>
    public async Task<ResolvedSource> ResolveAsync(
        Workspace workspace, string source, string runId, CancellationToken cancellationToken) =>
        PythonUrl.Parse(source).Scheme == "models"
            ? await FollowAsync(workspace, source, ModelUri.Parse(source), runId, cancellationToken)
            : new ResolvedSource(source, runId);

    private async Task<ResolvedSource> FollowAsync(
        Workspace workspace, string source, ModelUri uri, string runId, CancellationToken cancellationToken)
    {
        try
        {
            if (uri.ModelId is null)
                return new ResolvedSource(await LocateVersionAsync(workspace, uri, cancellationToken), runId);
            var model = await loggedModels.GetAsync(workspace, uri.ModelId, cancellationToken);
            return new ResolvedSource(model.ArtifactLocation, runId == "" ? model.SourceRunId ?? "" : runId);
        }
        catch (ApiException e)
        {
            throw ApiException.Internal($"Unable to fetch model from model URI source artifact location '{source}'.Error: {e.Message}");
        }
    }

    private async Task<string> LocateVersionAsync(Workspace workspace, ModelUri uri, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(uri.Name!);
        var version = uri.Alias is null
            ? uri.Version ?? throw ApiException.Invalid("A source names a version by its number or by an alias.")
            : (await aliases.GetVersionAsync(workspace, uri.Name!, uri.Alias, cancellationToken)).Row.Version
                .ToString(CultureInfo.InvariantCulture);
        return (await versions.FindAsync(workspace, uri.Name!, ModelRules.ParseVersion(version), cancellationToken))?.Uri
            ?? throw ModelRules.VersionNotFound(uri.Name!, version);
    }
}

/// <param name="RunId">Empty for none.</param>
internal sealed record ResolvedSource(string StorageLocation, string RunId);
