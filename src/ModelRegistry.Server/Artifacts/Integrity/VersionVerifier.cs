using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Registry;

namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>
/// Compares the files of a model version with what was recorded of them. A file that differs is looked at again together with its record, so
/// that an upload which happens meanwhile is not taken for damage.
/// </summary>
internal sealed class VersionVerifier(VersionPlaces places, ArtifactLedger ledger, VersionIntegrity versions)
{
    private const int RowsPerPage = 1000;

    /// <summary>Verifies a version and shows at it what was found.</summary>
    /// <param name="deep">Read every file, and record those that are not recorded, instead of asking the store for sizes and checksums.</param>
    /// <exception cref="StoreException">The store cannot be reached now; nothing was found out.</exception>
    public async Task<VersionFinding> VerifyAsync(VersionLocation version, bool deep, CancellationToken cancellationToken)
    {
        var finding = await FindAsync(new Workspace(version.Workspace), version, deep, cancellationToken);
        var isBroken = finding.State is FileState.Missing or FileState.Changed;
        var isNews = await versions.ReportAsync(version, finding.State, finding.Detail, isBroken, cancellationToken);
        return finding with { IsNews = isNews };
    }

    private async Task<VersionFinding> FindAsync(Workspace workspace, VersionLocation version, bool deep, CancellationToken cancellationToken)
    {
        try
        {
            var place = await places.LocateAsync(workspace, version, cancellationToken);
            var rows = await RowsAsync(place, cancellationToken);
            var found = new List<FileFinding>();
            await foreach (var (path, stored) in FilesAsync(place, cancellationToken))
            {
                rows.Remove(path.Key, out var row);
                found.Add(await JudgeAsync(place, path, row, stored, deep, cancellationToken));
            }

            found.AddRange(rows.Where(pair => pair.Value.IsPartOf(version.CreationTime))
                .Select(pair => new FileFinding(pair.Key, FileState.Missing, pair.Value.DeletedTime is null ? null : "deleted through the server")));
            await NoteAsync(place, found, cancellationToken);
            return VersionFinding.Of(version, found);
        }
        catch (ApiException e)
        {
            return new VersionFinding(version, FileState.Unknown, $"The files cannot be looked at: {e.Message}", []);
        }
        catch (StoreException e) when (!e.IsTemporary)
        {
            return new VersionFinding(version, FileState.Unknown, $"The files cannot be looked at: {e.Message}", []);
        }
    }

    /// <summary>What is recorded of files in a folder, by path from there.</summary>
    private async Task<Dictionary<string, LedgerRow>> RowsAsync(ArtifactPlace place, CancellationToken cancellationToken)
    {
        var folder = place.AddressOf(ArtifactPath.Root);
        var rows = (await ledger.FindAsync([folder], cancellationToken)).ToDictionary(_ => "");
        for (var after = ""; ;)
        {
            var page = await ledger.ListAsync(folder, after, RowsPerPage, cancellationToken);
            foreach (var row in page)
                rows[row.Address[folder.First.Length..]] = row;
            if (page.Count < RowsPerPage)
                return rows;
            after = page[^1].Address;
        }
    }

    /// <summary>The files of a folder by path from there, or the one file that the place is.</summary>
    private static async IAsyncEnumerable<(ArtifactPath Path, BlobReceipt Stored)> FilesAsync(
        ArtifactPlace place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isFolder = false;
        await foreach (var file in place.Store.ListAllAsync(place.Folder, cancellationToken))
        {
            isFolder = true;
            yield return (ArtifactPath.OfKey(string.Join('/', file.Path.Segments.Skip(place.Folder.Segments.Count))), new BlobReceipt(file.Size, file.Checksum));
        }

        if (!isFolder && !place.Folder.IsRoot && await place.Store.DescribeAsync(place.Folder, cancellationToken) is { } single)
            yield return (ArtifactPath.Root, single);
    }

    private async Task<FileFinding> JudgeAsync(
        ArtifactPlace place, ArtifactPath path, LedgerRow? row, BlobReceipt stored, bool deep, CancellationToken cancellationToken)
    {
        var finding = deep ? await ReadAsync(place, path, row, cancellationToken) : FileJudge.Quick(path.Key, row, stored);
        finding ??= await ReadAsync(place, path, row, cancellationToken);
        if (finding.State == FileState.Ok || row is null)
            return finding;

        // The listing, or the row, may be of before an upload.
        var again = await RowAsync(place, path, cancellationToken);
        if (again != row)
            return new FileFinding(path.Key, FileState.Unknown, "written while it was verified");
        if (finding.State != FileState.Changed || deep)
            return finding;
        return await place.Store.DescribeAsync(place.Folder.Join(path), cancellationToken) is { } now
            ? FileJudge.Quick(path.Key, row, now) ?? finding
            : new FileFinding(path.Key, FileState.Missing, null);
    }

    private async Task<FileFinding> ReadAsync(ArtifactPlace place, ArtifactPath path, LedgerRow? row, CancellationToken cancellationToken)
    {
        try
        {
            await using var blob = await place.Store.OpenAsync(place.Folder.Join(path), cancellationToken);
            if (blob is null)
                return new FileFinding(path.Key, FileState.Missing, null);
            using var digest = new ContentDigest();
            await foreach (var _ in digest.PassAsync(blob.ReadAsync(0, blob.Length, cancellationToken), cancellationToken))
            {
                // Reading is all there is to do.
            }

            var stored = new BlobReceipt(digest.Size, blob.Checksum);
            var sha256 = digest.Finish();
            if (FileJudge.Deep(path.Key, row, stored, sha256) is { } finding)
                return finding;
            await ledger.AdoptAsync(place.AddressOf(path), row, stored, sha256, cancellationToken);
            return new FileFinding(path.Key, FileState.Ok, "recorded now");
        }
        catch (Exception e) when (e is EndOfStreamException || (e is StoreException { IsTemporary: false } && row is not null))
        {
            return new FileFinding(path.Key, FileState.Changed, e.Message);
        }
    }

    private async Task<LedgerRow?> RowAsync(ArtifactPlace place, ArtifactPath path, CancellationToken cancellationToken) =>
        (await ledger.FindAsync([place.AddressOf(path)], cancellationToken)).SingleOrDefault();

    private async Task NoteAsync(ArtifactPlace place, List<FileFinding> found, CancellationToken cancellationToken)
    {
        foreach (var group in found.GroupBy(file => file.State))
            await ledger.NoteStateAsync(group.Select(file => place.AddressOf(ArtifactPath.OfKey(file.Path))), group.Key, cancellationToken);
    }
}
