using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts.S3;

/// <summary>Writes one object: with one request when it fits into one part, else in parts that become visible all at once.</summary>
internal sealed class S3Upload(S3Account account, string bucket, string key)
{
    /// <summary>As many as S3 takes.</summary>
    public const int MaxParts = 10_000;

    private const string Permission = "s3:PutObject";
    private static readonly TimeSpan AbortLimit = TimeSpan.FromSeconds(30);

    private readonly bool crc = account.Settings.StoreChecksums;

    public async Task<BlobReceipt> WriteAsync(PartReader parts, CancellationToken cancellationToken)
    {
        await parts.NextAsync();
        var tag = parts.IsLast ? await PutAsync(parts, cancellationToken) : await PutPartsAsync(parts, cancellationToken);
        return new BlobReceipt(parts.Size, S3Blob.ChecksumOf(tag));
    }

    private async Task<string> PutAsync(PartReader whole, CancellationToken cancellationToken)
    {
        using var content = ContentOf(whole.Part);
        var request = new PutObjectRequest
        {
            BucketName = bucket,
            Key = key,
            InputStream = content,
            ContentType = ContentTypes.Of(key),
            UseChunkEncoding = false,
            DisablePayloadSigning = !account.SignsContent,
            AutoCloseStream = false,
            ChecksumCRC32C = crc ? Crc(whole.Part) : null,
            MD5Digest = crc ? null : Md5(whole.Part),
        };
        var answer = await account.CallAsync(bucket, Permission, client => client.PutObjectAsync(request, cancellationToken), cancellationToken);
        return answer.ETag;
    }

    private async Task<string> PutPartsAsync(PartReader parts, CancellationToken cancellationToken)
    {
        var begin = new InitiateMultipartUploadRequest { BucketName = bucket, Key = key, ContentType = ContentTypes.Of(key) };
        if (crc)
            (begin.ChecksumAlgorithm, begin.ChecksumType) = (ChecksumAlgorithm.CRC32C, ChecksumType.FULL_OBJECT);
        var upload = await account.CallAsync(bucket, Permission, client => client.InitiateMultipartUploadAsync(begin, cancellationToken), cancellationToken);
        try
        {
            var (sent, whole) = (new List<PartETag>(), new Crc32C());
            do
            {
                whole.Append(parts.Part.Span);
                sent.Add(await PutPartAsync(upload.UploadId, parts, cancellationToken));
            }
            while (await parts.NextAsync());
            return await CompleteAsync(upload.UploadId, sent, crc ? whole.ToBase64() : null, cancellationToken);
        }
        catch
        {
            await AbortAsync(upload.UploadId);
            throw;
        }
    }

    private async Task<PartETag> PutPartAsync(string uploadId, PartReader parts, CancellationToken cancellationToken)
    {
        using var content = ContentOf(parts.Part);
        var request = new UploadPartRequest
        {
            BucketName = bucket,
            Key = key,
            UploadId = uploadId,
            PartNumber = parts.Number,
            PartSize = content.Length,
            InputStream = content,
            UseChunkEncoding = false,
            DisablePayloadSigning = !account.SignsContent,
            ChecksumAlgorithm = crc ? ChecksumAlgorithm.CRC32C : null,
            ChecksumCRC32C = crc ? Crc(parts.Part) : null,
            MD5Digest = crc ? null : Md5(parts.Part),
        };
        var answer = await account.CallAsync(bucket, Permission, client => client.UploadPartAsync(request, cancellationToken), cancellationToken);
        return new PartETag { PartNumber = parts.Number, ETag = answer.ETag, ChecksumCRC32C = request.ChecksumCRC32C };
    }

    private Task<string> CompleteAsync(string uploadId, List<PartETag> parts, string? checksum, CancellationToken cancellationToken)
    {
        var request = new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = uploadId, PartETags = parts };
        if (checksum is not null)
            (request.ChecksumCRC32C, request.ChecksumType) = (checksum, ChecksumType.FULL_OBJECT);
        return account.CallAsync(bucket, Permission, client => CompleteAsync(client, request, cancellationToken), cancellationToken);
    }

    private static async Task<string> CompleteAsync(IAmazonS3 client, CompleteMultipartUploadRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.CompleteMultipartUploadAsync(request, cancellationToken)).ETag;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
        {
            // The answer to a first try may have been lost on its way: then the object is there, with the tag of these parts.
            var expected = TagOf(request.PartETags);
            var find = new GetObjectMetadataRequest { BucketName = request.BucketName, Key = request.Key, EtagToMatch = expected };
            return (await client.GetObjectMetadataAsync(find, cancellationToken)).ETag;
        }
    }

    /// <summary>The entity tag of an object made of parts: the digest of the parts' digests, and their number.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "What S3 makes entity tags of.")]
    private static string TagOf(List<PartETag> parts)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        foreach (var part in parts)
            digest.AppendData(Convert.FromHexString(part.ETag.Trim('"')));
        return $"\"{Convert.ToHexStringLower(digest.GetHashAndReset())}-{parts.Count}\"";
    }

    /// <summary>Also when the client has hung up, thus without its token.</summary>
    private async Task AbortAsync(string uploadId)
    {
        using var limit = new CancellationTokenSource(AbortLimit);
        try
        {
            var request = new AbortMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = uploadId };
            await account.Client.AbortMultipartUploadAsync(request, limit.Token);
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException or OperationCanceledException)
        {
            // What went wrong before is what counts. The parts that are left are among the unfinished uploads of the bucket.
        }
    }

    private static MemoryStream ContentOf(ReadOnlyMemory<byte> part) =>
        MemoryMarshal.TryGetArray(part, out var bytes) && bytes.Array is { } array ? new MemoryStream(array, bytes.Offset, bytes.Count, writable: false) : new MemoryStream();

    private static string Crc(ReadOnlyMemory<byte> part)
    {
        var crc = new Crc32C();
        crc.Append(part.Span);
        return crc.ToBase64();
    }

    [SuppressMessage("Security", "CA5351", Justification = "The protocol's digest against damage, not against attackers.")]
    private static string Md5(ReadOnlyMemory<byte> part) => Convert.ToBase64String(MD5.HashData(part.Span));
}
