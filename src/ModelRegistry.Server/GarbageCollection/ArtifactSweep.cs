using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Integrity;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>Deletes the files of candidates, or counts them.</summary>
internal sealed class ArtifactSweep(ArtifactStores stores)
{
    /// <summary>Deletes everything in the folder of a candidate but what is held. What is missing is as good as deleted.</summary>
    /// <exception cref="ApiException">NOT_IMPLEMENTED: this server cannot reach the folder. Otherwise the location names none.</exception>
    /// <exception cref="StoreException">The store failed.</exception>
    /// <exception cref="IOException">The file system did.</exception>
    public async Task<SweptFiles> RunAsync(Candidate candidate, bool isDryRun, CancellationToken cancellationToken)
    {
        if (candidate.Location is null)
            return SweptFiles.None;
        var (place, folder) = FolderOf(candidate.Workspace, candidate.Location);
        var (count, bytes, keptCount, keptBytes) = (0L, 0L, 0L, 0L);
        await foreach (var file in place.Store.ListAllAsync(folder, cancellationToken))
        {
            if (candidate.IsHeld(file.Path.Key[(folder.Key.Length + 1)..]))
            {
                (keptCount, keptBytes) = (keptCount + 1, keptBytes + file.Size);
                continue;
            }

            (count, bytes) = (count + 1, bytes + file.Size);
            if (!isDryRun && candidate.Held is not null)
                await place.PurgeAsync(file.Path, cancellationToken);
        }

        if (isDryRun || candidate.Held is not null)
            return new SweptFiles(count, bytes, keptCount, keptBytes);
        await place.Store.DeleteAsync(folder, cancellationToken);
        return new SweptFiles(count, bytes, 0, 0) { Folder = place.AddressOf(folder) };
    }

    /// <summary>Drops what is recorded of the files of folders that were deleted as a whole, in one transaction for all.</summary>
    public Task ForgetAsync(IEnumerable<SweptFiles> swept, CancellationToken cancellationToken) =>
        stores.Destination.Ledger?.ForgetAllAsync([.. swept.Select(files => files.Folder).OfType<ArtifactAddress>()], cancellationToken) ?? Task.CompletedTask;

    /// <summary>The folder as a path in a store, where it can be deleted as a whole: a store does not delete its root.</summary>
    private (ArtifactPlace Store, ArtifactPath Folder) FolderOf(string workspace, string location)
    {
        var place = stores.Locate(workspace, location);
        if (!place.Folder.IsRoot)
            return (place with { Folder = ArtifactPath.Root }, place.Folder);
        var trimmed = location.TrimEnd('/');
        var slash = trimmed.LastIndexOf('/');
        if (stores.ProxiedPath(workspace, location) is not null || slash <= 0 || PythonUrl.Parse(trimmed).Path.Trim('/').Length == 0)
            throw ApiException.Invalid($"'{location}' is the root of a store.");
        var name = trimmed[(slash + 1)..];
        var isLocal = PythonUrl.Parse(location).Scheme is "" or "file";
        return (stores.Locate(workspace, trimmed[..slash]), ArtifactPath.OfKey(isLocal ? Uri.UnescapeDataString(name) : name));
    }
}
