using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>A prefix of a bucket of Google Cloud Storage. There are no folders in it; a name with something below it counts as one.</summary>
internal sealed class GcsBlobStore(GcsClient client, GcsBucket bucket, string prefix) : IBlobStore, IMultipartUploads, IPresigning
{
    private const int MaxParallel = 16;

    private readonly string above = prefix.Length == 0 ? "" : prefix + "/";
    private readonly GcsParts parts = new(client, bucket.Name);
    private readonly GcsSigner signer = new(client);

    public async Task<IBlob?> OpenAsync(ArtifactPath path, CancellationToken cancellationToken)
    {
        if (!path.IsRoot && await bucket.FindAsync(Key(path), cancellationToken) is { } file)
            return new GcsBlob(bucket, file);
        return await bucket.HasAnyAsync(FolderKey(path), cancellationToken)
            ? throw ApiException.Invalid($"Artifact '{path}' is a directory and cannot be downloaded as a file.")
            : null;
    }

    public async Task<BlobReceipt> WriteAsync(
        ArtifactPath path, IAsyncEnumerable<ReadOnlyMemory<byte>> content, long? length, CancellationToken cancellationToken)
    {
        var key = FileKey(path);
        var stored = await new GcsUpload(client, bucket.Name).SendAsync(key, ContentTypes.Of(path.Name), content, length, cancellationToken);
        return new BlobReceipt(stored.Size, stored.Checksum);
    }

    public async Task<IReadOnlyList<BlobEntry>> ListAsync(ArtifactPath folder, CancellationToken cancellationToken)
    {
        var start = FolderKey(folder);
        var entries = new List<BlobEntry>();
        await foreach (var page in bucket.ListAsync(start, isFlat: true, cancellationToken))
        {
            entries.AddRange(page.Folders.Select(folder => new BlobEntry(folder[start.Length..^1], true, null)));
            entries.AddRange(page.Files.Select(file => new BlobEntry(file.Name[start.Length..], false, file.Size)));
        }

        // An empty name is what consoles put into an empty folder, or an empty segment that no path can name.
        return [.. entries.Where(entry => entry.Name.Length > 0).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    public async IAsyncEnumerable<BlobFile> ListAllAsync(ArtifactPath folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in bucket.ListAsync(FolderKey(folder), isFlat: false, cancellationToken))
        {
            foreach (var file in page.Files)
            {
                if (Path(file.Name) is { } path)
                    yield return new BlobFile(path, file.Size, file.Updated, file.Checksum);
            }
        }
    }

    public async Task DeleteAsync(ArtifactPath path, CancellationToken cancellationToken)
    {
        if (path.IsRoot)
            throw ArtifactPath.Refused();
        await bucket.DeleteAsync(Key(path), generation: null, cancellationToken);
        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken };
        await foreach (var page in bucket.ListAsync(FolderKey(path), isFlat: false, cancellationToken))
            await Parallel.ForEachAsync(page.Files, options, async (file, token) => await bucket.DeleteAsync(file.Name, file.Generation, token));
    }

    public async Task<MultipartUpload> StartAsync(ArtifactPath path, int parts, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var key = FileKey(path);
        var uploadId = await this.parts.StartAsync(key, ContentTypes.Of(path.Name), cancellationToken);
        var addresses = new PartAddress[parts];
        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken };
        await Parallel.ForAsync(1, parts + 1, options, async (number, token) =>
        {
            var parameters = new Dictionary<string, string>
            {
                ["partNumber"] = number.ToString(CultureInfo.InvariantCulture),
                ["uploadId"] = uploadId,
            };
            addresses[number - 1] = new PartAddress(number, await signer.SignAsync(HttpMethod.Put, bucket.Name, key, parameters, lifetime, token), NoHeaders);
        });
        return new MultipartUpload(uploadId, addresses);
    }

    public Task CompleteAsync(ArtifactPath path, string? uploadId, IReadOnlyList<FinishedPart> parts, CancellationToken cancellationToken) =>
        this.parts.CompleteAsync(FileKey(path), Required(uploadId), parts, cancellationToken);

    public Task AbortAsync(ArtifactPath path, string? uploadId, CancellationToken cancellationToken) =>
        parts.AbortAsync(FileKey(path), Required(uploadId), cancellationToken);

    public async IAsyncEnumerable<UnfinishedUpload> ListUnfinishedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (key, uploadId, started) in parts.ListAsync(above, cancellationToken))
        {
            if (Path(key) is { } path)
                yield return new UnfinishedUpload(path, uploadId, started);
        }
    }

    public Task<SignedAddress> SignDownloadAsync(ArtifactPath path, TimeSpan lifetime, CancellationToken cancellationToken) =>
        SignAsync(HttpMethod.Get, path, lifetime, cancellationToken);

    public Task<SignedAddress> SignUploadAsync(ArtifactPath path, TimeSpan lifetime, CancellationToken cancellationToken) =>
        SignAsync(HttpMethod.Put, path, lifetime, cancellationToken);

    private static readonly Dictionary<string, string> NoHeaders = [];

    private async Task<SignedAddress> SignAsync(HttpMethod method, ArtifactPath path, TimeSpan lifetime, CancellationToken cancellationToken) =>
        new(await signer.SignAsync(method, bucket.Name, FileKey(path), NoHeaders, lifetime, cancellationToken), NoHeaders);

    private static string Required(string? uploadId) => uploadId is { Length: > 0 } ? uploadId : throw ApiException.Missing("upload_id");

    private string Key(ArtifactPath path) => above + path.Key;

    /// <summary>What the keys of the files in a folder begin with.</summary>
    private string FolderKey(ArtifactPath folder) => folder.IsRoot ? above : $"{Key(folder)}/";

    private string FileKey(ArtifactPath path)
    {
        if (!path.IsFile)
            throw path.IsRoot ? ArtifactPath.Refused() : ApiException.Invalid($"Invalid path: '{path}' is a directory");
        var key = Key(path);
        return Encoding.UTF8.GetByteCount(key) <= GcsAddresses.MaxKeyBytes
            ? key
            : throw ApiException.Invalid($"Invalid path: it is longer than {GcsAddresses.MaxKeyBytes} bytes with the prefix of the bucket");
    }

    /// <summary>The path that leads to an object; null for one that no path leads to, such as the mark of an empty folder.</summary>
    private ArtifactPath? Path(string key)
    {
        var path = ArtifactPath.OfKey(key[above.Length..]);
        return path.Key == key[above.Length..] && !path.IsRoot ? path : null;
    }
}
