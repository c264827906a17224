using ModelRegistry.Server.Artifacts.Integrity;

namespace ModelRegistry.Server.Artifacts;

/// <summary>
/// A folder of a store, and what is recorded of its files. Whatever changes files goes through here; while bytes flow no transaction is open.
/// </summary>
/// <param name="Store">Where the files are.</param>
/// <param name="Folder">The folder, from the root of the store.</param>
/// <param name="Root">URI of the store's root, which the ledger knows it by.</param>
/// <param name="Ledger">null on a server without a database.</param>
internal sealed record ArtifactPlace(IBlobStore Store, ArtifactPath Folder, string Root, ArtifactLedger? Ledger)
{
    /// <summary>Lists a folder below this one, with paths as seen from here.</summary>
    public async Task<List<ArtifactFile>> ListAsync(ArtifactPath? below, CancellationToken cancellationToken)
    {
        var prefix = below is null || below.Text.Length == 0 ? "" : below.Text.EndsWith('/') ? below.Text : below.Text + "/";
        var entries = await Store.ListAsync(below is null ? Folder : Folder.Join(below), cancellationToken);
        return [.. entries.Select(entry => ArtifactFile.From(entry, prefix))];
    }

    /// <summary>Writes a file as <see cref="IBlobStore.WriteAsync"/> does, and records its size and digests.</summary>
    public async Task<BlobReceipt> WriteAsync(
        ArtifactPath below, IAsyncEnumerable<ReadOnlyMemory<byte>> content, long? length, CancellationToken cancellationToken)
    {
        var path = Folder.Join(below);
        if (Ledger is null)
            return await Store.WriteAsync(path, content, length, cancellationToken);
        var mark = await Ledger.BeginAsync(AddressOf(below), cancellationToken);
        using var digest = new ContentDigest();
        var receipt = await Store.WriteAsync(path, digest.PassAsync(content, cancellationToken), length, cancellationToken);
        // Not cancellable: the client may be gone, the file is there.
        await Ledger.CompleteAsync(mark, receipt, digest.Finish(), CancellationToken.None);
        return receipt;
    }

    /// <summary>Has a file put together whose bytes did not pass through here, and records what the store says of it.</summary>
    /// <param name="below">The file.</param>
    /// <param name="write">Writes it; null when the store cannot describe it.</param>
    /// <param name="cancellationToken">Gives up before it is written.</param>
    public async Task RecordAsync(ArtifactPath below, Func<Task<BlobReceipt?>> write, CancellationToken cancellationToken)
    {
        var mark = Ledger is null ? null : await Ledger.BeginAsync(AddressOf(below), cancellationToken);
        if (await write() is { } receipt && mark is not null)
            await Ledger!.CompleteAsync(mark, receipt, null, CancellationToken.None);
    }

    /// <summary>Has to be said before somebody else may write the file.</summary>
    public Task DistrustAsync(ArtifactPath below, CancellationToken cancellationToken) =>
        Ledger is null ? Task.CompletedTask : Ledger.BeginAsync(AddressOf(below), cancellationToken);

    /// <summary>Deletes a file or a folder as <see cref="IBlobStore.DeleteAsync"/> does. That it was there is remembered.</summary>
    public async Task DeleteAsync(ArtifactPath below, CancellationToken cancellationToken)
    {
        await Store.DeleteAsync(Folder.Join(below), cancellationToken);
        if (Ledger is not null)
            await Ledger.NoteDeletionAsync(AddressOf(below), cancellationToken);
    }

    /// <summary>Deletes like <see cref="DeleteAsync"/> what nothing refers to any more, and forgets it.</summary>
    public async Task PurgeAsync(ArtifactPath below, CancellationToken cancellationToken)
    {
        await Store.DeleteAsync(Folder.Join(below), cancellationToken);
        if (Ledger is not null)
            await Ledger.ForgetAsync(AddressOf(below), cancellationToken);
    }

    /// <summary>The name of a file or folder below this one in the ledger.</summary>
    public ArtifactAddress AddressOf(ArtifactPath below) => ArtifactAddress.Of(Root, Folder.Join(below));
}

/// <summary>A file or folder in a listing.</summary>
internal sealed record ArtifactFile(string Path, bool IsDir, long? FileSize)
{
    /// <summary>The size of an empty file is left out, as MLflow does.</summary>
    public static ArtifactFile From(BlobEntry entry, string prefix) => new(prefix + entry.Name, entry.IsFolder, entry.Size is 0 ? null : entry.Size);
}

/// <summary>The entries of a folder; <c>root_uri</c> only where an entity's own location is listed.</summary>
internal sealed record ListArtifactsResponse(string? RootUri, List<ArtifactFile> Files);
