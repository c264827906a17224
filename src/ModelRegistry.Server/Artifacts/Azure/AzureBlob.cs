using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>A blob as it was when it was opened: every read asks for just this content by its entity tag.</summary>
internal sealed class AzureBlob : IBlob
{
    private const int PieceSize = 64 << 10;

    private readonly BlockBlobClient client;
    private readonly AzureContainer container;
    private readonly ETag tag;
    private readonly byte[]? md5;

    private AzureBlob(BlockBlobClient client, AzureContainer container, BlobProperties head)
    {
        (this.client, this.container) = (client, container);
        (Length, LastModified, tag, md5) = (head.ContentLength, head.LastModified, head.ETag, head.ContentHash);
    }

    public long Length { get; }

    public DateTimeOffset LastModified { get; }

    public string Tag => tag.ToString().Trim('"');

    public string? Checksum => ChecksumOf(md5);

    public static string? ChecksumOf(byte[]? md5) => md5 is { Length: > 0 } ? $"md5:{Convert.ToBase64String(md5)}" : null;

    /// <returns>null when there is no such blob, or it is a folder.</returns>
    public static async Task<AzureBlob?> OpenAsync(BlockBlobClient client, AzureContainer container, CancellationToken cancellationToken)
    {
        var call = new AzureCall(container, $"Azure does not give '{client.Name}'") { Role = AzureCall.Reader, Meaning = e => e.Status == 404 ? e : null };
        try
        {
            var head = await call.RunAsync(client.GetPropertiesAsync(cancellationToken: cancellationToken), cancellationToken);
            var isDirectory = head.GetRawResponse().Headers.TryGetValue("x-ms-resource-type", out var type) && type == "directory";
            return isDirectory || IsFolder(head.Value.Metadata) ? null : new AzureBlob(client, container, head.Value);
        }
        catch (RequestFailedException)
        {
            // The one that the call leaves as it is: 404 of the blob itself, not of its container.
            return null;
        }
    }

    /// <summary>Whether a blob is a folder of an account with a hierarchical namespace, which is a blob of no size.</summary>
    public static bool IsFolder(IDictionary<string, string>? metadata) => metadata?.TryGetValue("hdi_isfolder", out var value) == true && value == "true";

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        long offset, long length, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var reader = new ResumingReader((from, token) => OpenAsync(from, offset + length - from, token), offset, length);
        using var digest = md5 is not null && length == Length ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
        var left = length;
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            while (await ReadCall().RunAsync(reader.ReadAsync(buffer, cancellationToken).AsTask(), cancellationToken) is > 0 and var read)
            {
                digest?.AppendData(buffer, 0, read);
                left -= read;
                // Checked before the last piece goes out: the client is then one piece short and knows.
                if (left == 0 && digest is not null && !digest.GetHashAndReset().AsSpan().SequenceEqual(md5))
                    throw new StoreException($"The content of '{client.Name}' in container '{container.Name}' does not match its Content-MD5.", isTemporary: false);
                yield return buffer.AsMemory(0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<Stream> OpenAsync(long first, long length, CancellationToken cancellationToken)
    {
        var options = new BlobDownloadOptions { Range = new HttpRange(first, length), Conditions = new BlobRequestConditions { IfMatch = tag } };
        var answer = await ReadCall().RunAsync(client.DownloadStreamingAsync(options, cancellationToken), cancellationToken);
        return answer.Value.Content;
    }

    private AzureCall ReadCall() => new(container, $"Azure does not give '{client.Name}'")
    {
        Role = AzureCall.Reader,
        Meaning = e => e.Status is 404 or 412
            ? new StoreException($"The file '{client.Name}' was replaced or deleted while it was read. Read it again.", isTemporary: true, e)
            : null,
    };
}
