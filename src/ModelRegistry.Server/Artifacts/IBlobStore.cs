using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts;

/// <summary>
/// Files below one root: a local folder, or a prefix of a bucket. It knows nothing of runs, models or HTTP ranges; paths have been checked, but a
/// store still makes sure that what they resolve to is below its root.
/// </summary>
/// <remarks>
/// What only some stores can do is an interface of its own, asked for with <c>is</c>: <see cref="IMultipartUploads"/>, <see cref="IPresigning"/>.
/// A store that is out of reach, refuses the credentials or breaks off throws <see cref="StoreException"/>.
/// </remarks>
internal interface IBlobStore
{
    /// <summary>Opens a file as it is now: what is read from it later is unaffected by writes and deletes.</summary>
    /// <returns>null when there is no such file.</returns>
    /// <exception cref="ApiException">The path names a folder or leads out of the root.</exception>
    Task<IBlob?> OpenAsync(ArtifactPath path, CancellationToken cancellationToken);

    /// <summary>What the store says of a file that is there.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    async Task<BlobReceipt?> DescribeAsync(ArtifactPath path, CancellationToken cancellationToken)
    {
        await using var blob = await OpenAsync(path, cancellationToken);
        return blob is null ? null : new BlobReceipt(blob.Length, blob.Checksum);
    }

    /// <summary>Writes a file and the folders above it; readers see the old content or the whole new one, and nothing else if it fails.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">Its bytes; a piece is valid until the next one is asked for.</param>
    /// <param name="length">Size in bytes if it is known beforehand.</param>
    /// <param name="cancellationToken">Gives the upload up.</param>
    Task<BlobReceipt> WriteAsync(ArtifactPath path, IAsyncEnumerable<ReadOnlyMemory<byte>> content, long? length, CancellationToken cancellationToken);

    /// <summary>The entries of one folder by name; empty when there is no such folder.</summary>
    Task<IReadOnlyList<BlobEntry>> ListAsync(ArtifactPath folder, CancellationToken cancellationToken);

    /// <summary>Every file in a folder and in the folders below it, as they come; nothing when there is no such folder.</summary>
    IAsyncEnumerable<BlobFile> ListAllAsync(ArtifactPath folder, CancellationToken cancellationToken);

    /// <summary>Deletes a file, or a folder with all that is in it; nothing happens when there is neither.</summary>
    Task DeleteAsync(ArtifactPath path, CancellationToken cancellationToken);
}

/// <summary>An open file of a store.</summary>
internal interface IBlob : IAsyncDisposable
{
    /// <summary>Size in bytes.</summary>
    long Length { get; }

    DateTimeOffset LastModified { get; }

    /// <summary>Strong entity tag without quotes; another content has another tag.</summary>
    string Tag { get; }

    /// <summary>What the store itself says of the content, as in <see cref="BlobReceipt.Checksum"/>.</summary>
    string? Checksum { get; }

    /// <summary>Reads a part of the file piece by piece; a piece is valid until the next one is asked for.</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(long offset, long length, CancellationToken cancellationToken = default);
}

/// <summary>What a store says of a file it has taken.</summary>
/// <param name="Size">Bytes stored.</param>
/// <param name="Checksum">
/// The store's own checksum, <c>kind:value</c> such as <c>crc32c:yZRlqg==</c>, comparable with what it says of the file later; null when it keeps none.
/// </param>
internal sealed record BlobReceipt(long Size, string? Checksum);

/// <summary>A file or folder in a listing of one folder.</summary>
/// <param name="Name">Name within its folder.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Size">Bytes; null for folders.</param>
internal sealed record BlobEntry(string Name, bool IsFolder, long? Size);

/// <summary>A file in a listing of a whole tree.</summary>
/// <param name="Path">From the root of the store.</param>
/// <param name="Size">Bytes.</param>
/// <param name="LastModified">When it was written.</param>
/// <param name="Checksum">As in <see cref="BlobReceipt.Checksum"/>, where listings say it.</param>
internal sealed record BlobFile(ArtifactPath Path, long Size, DateTimeOffset LastModified, string? Checksum);
