using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Http;

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
        var place = FolderOf(candidate.Workspace, candidate.Location);
        var (count, bytes, keptCount, keptBytes) = (0L, 0L, 0L, 0L);
        await foreach (var file in place.Store.ListAllAsync(place.Folder, cancellationToken))
        {
            if (candidate.IsHeld(file.Path.Key[(place.Folder.Key.Length + 1)..]))
            {
                (keptCount, keptBytes) = (keptCount + 1, keptBytes + file.Size);
                continue;
            }

            (count, bytes) = (count + 1, bytes + file.Size);
            if (!isDryRun && candidate.Held is not null)
                await place.Store.DeleteAsync(file.Path, cancellationToken);
        }

        if (!isDryRun && candidate.Held is null)
            await place.Store.DeleteAsync(place.Folder, cancellationToken);
        return new SweptFiles(count, bytes, keptCount, keptBytes);
    }

    /// <summary>The folder as an entry of the one above, where it can be deleted as a whole; a store does not delete its root.</summary>
    private ArtifactPlace FolderOf(string workspace, string location)
    {
        var place = stores.Locate(workspace, location);
        if (!place.Folder.IsRoot)
            return place;
        var trimmed = location.TrimEnd('/');
        var slash = trimmed.LastIndexOf('/');
        if (stores.ProxiedPath(workspace, location) is not null || slash <= 0 || PythonUrl.Parse(trimmed).Path.Trim('/').Length == 0)
            throw ApiException.Invalid($"'{location}' is the root of a store.");
        var name = trimmed[(slash + 1)..];
        var isLocal = PythonUrl.Parse(location).Scheme is "" or "file";
        return stores.Locate(workspace, trimmed[..slash]) with { Folder = ArtifactPath.OfKey(isLocal ? Uri.UnescapeDataString(name) : name) };
    }
}
