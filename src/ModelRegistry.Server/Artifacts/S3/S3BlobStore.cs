using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Artifacts.S3;

/// <summary>A prefix of a bucket of S3. Cheap: what costs is the <see cref="S3Account"/>.</summary>
/// <param name="account">The client.</param>
/// <param name="bucket">Name of the bucket.</param>
/// <param name="root">What the keys of this store begin with, without slashes at its ends; empty for the whole bucket.</param>
internal sealed partial class S3BlobStore(S3Account account, string bucket, string root) : IBlobStore
{
    /// <summary>As many as one request deletes.</summary>
    private const int DeleteBatch = 1000;

    private const int ParallelDeletes = 16;

    /// <summary>The store of <c>s3://bucket/prefix</c>; the path is taken as it is written, as MLflow does.</summary>
    /// <exception cref="StoreException">It names no bucket.</exception>
    public static S3BlobStore Of(S3Account account, PythonUrl uri) => uri.Authority.Length > 0
        ? new S3BlobStore(account, uri.Authority, uri.Path.Trim('/'))
        : throw new StoreException("The location names no bucket; it has to be s3://BUCKET/PREFIX.", isTemporary: false);

    public async Task<IBlob?> OpenAsync(ArtifactPath path, CancellationToken cancellationToken)
    {
        var request = new GetObjectMetadataRequest { BucketName = bucket, Key = KeyOf(path), ChecksumMode = ChecksumMode.ENABLED };
        var head = path.IsRoot ? null : await CallAsync("s3:GetObject", client => FindAsync(client, request, cancellationToken), cancellationToken);
        if (head is not null)
            return new S3Blob(account, bucket, request.Key, head);
        await foreach (var _ in ObjectsAsync(PrefixOf(path), 1, cancellationToken))
            throw ApiException.Invalid($"Artifact '{path}' is a directory and cannot be downloaded as a file.");
        return null;
    }

    public async Task<BlobReceipt> WriteAsync(
        ArtifactPath path, IAsyncEnumerable<ReadOnlyMemory<byte>> content, long? length, CancellationToken cancellationToken)
    {
        RequireFile(path);
        await using var parts = new PartReader(content, length, S3Upload.MaxParts, account.Buffers, cancellationToken);
        return await new S3Upload(account, bucket, KeyOf(path)).WriteAsync(parts, cancellationToken);
    }

    public async Task<IReadOnlyList<BlobEntry>> ListAsync(ArtifactPath folder, CancellationToken cancellationToken)
    {
        var prefix = PrefixOf(folder);
        var request = new ListObjectsV2Request { BucketName = bucket, Prefix = prefix, Delimiter = "/" };
        var entries = new List<BlobEntry>();
        do
        {
            var page = await CallAsync("s3:ListBucket", client => client.ListObjectsV2Async(request, cancellationToken), cancellationToken);
            foreach (var below in page.CommonPrefixes ?? [])
                entries.Add(new BlobEntry(below[prefix.Length..^1], true, null));
            foreach (var file in page.S3Objects ?? [])
                entries.Add(new BlobEntry(file.Key[prefix.Length..], false, file.Size));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (request.ContinuationToken is not null);
        // A name is empty when somebody has made the folder itself an object, as consoles do.
        return [.. entries.Where(entry => entry.Name.Length > 0).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    public async IAsyncEnumerable<BlobFile> ListAllAsync(ArtifactPath folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var file in ObjectsAsync(PrefixOf(folder), null, cancellationToken))
        {
            if (!file.Key.EndsWith('/'))
                yield return new BlobFile(PathOf(file.Key), file.Size ?? 0, Instant(file.LastModified), S3Blob.ChecksumOf(file.ETag));
        }
    }

    public async Task DeleteAsync(ArtifactPath path, CancellationToken cancellationToken)
    {
        if (path.IsRoot)
            throw ArtifactPath.Refused();
        await CallAsync("s3:DeleteObject", client => client.DeleteObjectAsync(bucket, KeyOf(path), cancellationToken), cancellationToken);
        var batch = new List<string>(DeleteBatch);
        await foreach (var file in ObjectsAsync(PrefixOf(path), null, cancellationToken))
        {
            batch.Add(file.Key);
            if (batch.Count < DeleteBatch)
                continue;
            await DeleteAsync(batch, cancellationToken);
            batch.Clear();
        }

        if (batch.Count > 0)
            await DeleteAsync(batch, cancellationToken);
    }

    private async Task DeleteAsync(List<string> keys, CancellationToken cancellationToken)
    {
        var request = new DeleteObjectsRequest { BucketName = bucket, Quiet = true, Objects = keys.ConvertAll(key => new KeyVersion { Key = key }) };
        var done = await CallAsync("s3:DeleteObject", client => TryDeleteAsync(client, request, cancellationToken), cancellationToken);
        if (done)
            return;
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelDeletes, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(keys, options, async (key, token) =>
            await CallAsync("s3:DeleteObject", client => client.DeleteObjectAsync(bucket, key, token), token));
    }

    /// <returns>false when the server cannot delete several at once, or only with a digest that the SDK no longer sends.</returns>
    private static async Task<bool> TryDeleteAsync(IAmazonS3 client, DeleteObjectsRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteObjectsAsync(request, cancellationToken);
            return true;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode is "MissingContentMD5" or "NotImplemented" or "InvalidRequest" or "InvalidArgument")
        {
            return false;
        }
    }

    private static async Task<GetObjectMetadataResponse?> FindAsync(
        IAmazonS3 client, GetObjectMetadataRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetObjectMetadataAsync(request, cancellationToken);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async IAsyncEnumerable<S3Object> ObjectsAsync(string prefix, int? most, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = bucket, Prefix = prefix, MaxKeys = most };
        do
        {
            var page = await CallAsync("s3:ListBucket", client => client.ListObjectsV2Async(request, cancellationToken), cancellationToken);
            foreach (var file in page.S3Objects ?? [])
                yield return file;
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (request.ContinuationToken is not null);
    }

    private Task<T> CallAsync<T>(string permission, Func<IAmazonS3, Task<T>> call, CancellationToken cancellationToken) =>
        account.CallAsync(bucket, permission, call, cancellationToken);

    private string KeyOf(ArtifactPath path) => root.Length == 0 ? path.Key : path.IsRoot ? root : $"{root}/{path.Key}";

    private string PrefixOf(ArtifactPath folder) => KeyOf(folder) is { Length: > 0 } key ? key + "/" : "";

    private ArtifactPath PathOf(string key) => ArtifactPath.OfKey(root.Length == 0 ? key : key[(root.Length + 1)..]);

    private static DateTimeOffset Instant(DateTime? time) => new(DateTime.SpecifyKind((time ?? DateTime.UnixEpoch).ToUniversalTime(), DateTimeKind.Utc));

    private static void RequireFile(ArtifactPath path)
    {
        if (!path.IsFile)
            throw ApiException.Invalid($"Invalid path: '{path}' is a directory");
    }
}
