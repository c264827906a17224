namespace ModelRegistry.Server.Artifacts;

/// <summary>
/// Files below one root: a local folder, later a bucket. It knows nothing of runs, models or HTTP ranges; paths have been checked, but a store
/// still makes sure that what they resolve to is below its root.
/// </summary>
/// <remarks>What only some stores can do (multipart uploads, presigned addresses) is an interface of its own, asked for with <c>is</c>.</remarks>
internal interface IBlobStore
{
    /// <summary>Opens a file as it is now: what is read from it later is unaffected by writes and deletes.</summary>
    /// <returns>null when there is no such file.</returns>
    /// <exception cref="Http.ApiException">The path names a folder or leads out of the root.</exception>
    Task<IBlob?> OpenAsync(ArtifactPath path, CancellationToken cancellationToken);

    /// <summary>Writes a file and the folders above it; readers see the old content or the whole new one, and nothing else if it fails.</summary>
    Task WriteAsync(ArtifactPath path, IAsyncEnumerable<ReadOnlyMemory<byte>> content, CancellationToken cancellationToken);

    /// <summary>The entries of one folder by name; empty when there is no such folder.</summary>
    Task<IReadOnlyList<BlobEntry>> ListAsync(ArtifactPath folder, CancellationToken cancellationToken);

    /// <summary>Deletes a file, or a folder with all that is in it; nothing happens when there is neither.</summary>
    Task DeleteAsync(ArtifactPath path, CancellationToken cancellationToken);
}

/// <summary>An open file of a store.</summary>
internal interface IBlob : IAsyncDisposable
{
    long Length { get; }

    DateTimeOffset LastModified { get; }

    /// <summary>Strong entity tag without quotes; another content has another tag.</summary>
    string Tag { get; }

    /// <summary>Reads a part of the file piece by piece; a piece is valid until the next one is asked for.</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(long offset, long length, CancellationToken cancellationToken = default);
}

/// <summary>A file or folder in a listing.</summary>
/// <param name="Name">Name within its folder.</param>
/// <param name="Size">null for folders.</param>
internal sealed record BlobEntry(string Name, bool IsFolder, long? Size);
