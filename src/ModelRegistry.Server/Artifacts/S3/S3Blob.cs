using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts.S3;

/// <summary>An object as it was when it was opened: every read asks for just this content by its entity tag.</summary>
internal sealed class S3Blob(S3Account account, string bucket, string key, GetObjectMetadataResponse head) : IBlob
{
    private const int PieceSize = 64 << 10;

    public long Length => head.ContentLength;

    public DateTimeOffset LastModified { get; } = new(DateTime.SpecifyKind((head.LastModified ?? DateTime.UnixEpoch).ToUniversalTime(), DateTimeKind.Utc));

    public string Tag { get; } = head.ETag.Trim('"');

    public string? Checksum => ChecksumOf(head.ETag);

    /// <summary>The entity tag is what uploads, listings and downloads all say, and another content has another one.</summary>
    public static string? ChecksumOf(string? tag) => tag is { Length: > 0 } ? $"etag:{tag.Trim('"')}" : null;

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        long offset, long length, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var reader = new ResumingReader((from, token) => OpenAsync(from, offset + length - 1, token), offset, length);
        var checksum = new Crc32C();
        var left = length;
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            while (await reader.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                checksum.Append(buffer.AsSpan(0, read));
                left -= read;
                // Checked before the last piece goes out: the client is then one piece short and knows.
                if (left == 0 && length == Length)
                    RequireIntact(checksum);
                yield return buffer.AsMemory(0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<Stream> OpenAsync(long first, long last, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = bucket, Key = key, EtagToMatch = head.ETag, ByteRange = new Amazon.S3.Model.ByteRange(first, last) };
        var answer = await account.CallAsync(bucket, "s3:GetObject", client => GetAsync(client, request, cancellationToken), cancellationToken);
        return answer.ResponseStream;
    }

    private static async Task<GetObjectResponse> GetAsync(IAmazonS3 client, GetObjectRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetObjectAsync(request, cancellationToken);
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
        {
            throw new StoreException($"The file '{request.Key}' was replaced or deleted while it was read. Read it again.", isTemporary: true, e);
        }
    }

    private void RequireIntact(Crc32C checksum)
    {
        var isOfWhole = head.ChecksumType == ChecksumType.FULL_OBJECT || head.PartsCount is null && !Tag.Contains('-', StringComparison.Ordinal);
        if (head.ChecksumCRC32C is { Length: > 0 } expected && isOfWhole && checksum.ToBase64() != expected)
            throw new StoreException($"The content of '{key}' in bucket '{bucket}' does not match its checksum.", isTemporary: false);
    }
}
