using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Azure.Core;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>A blob as it was when it was opened: every read asks for just this content by its entity tag.</summary>
internal sealed class AzureBlob : IBlob
{
    private const int PieceSize = 64 << 10;

    private readonly AzureClient client;
    private readonly AzureBlobPlace place;
    private readonly string quotedTag;
    private readonly string? md5;

    private AzureBlob(AzureClient client, AzureBlobPlace place, AzureAnswer head)
    {
        (this.client, this.place) = (client, place);
        Length = long.Parse(head.Header("Content-Length") ?? "0", CultureInfo.InvariantCulture);
        LastModified = DateTimeOffset.Parse(head.Header("Last-Modified") ?? "1970-01-01", CultureInfo.InvariantCulture);
        quotedTag = head.Header("ETag") ?? "";
        md5 = head.Header("Content-MD5");
    }

    public long Length { get; }

    public DateTimeOffset LastModified { get; }

    public string Tag => quotedTag.Trim('"');

    public string? Checksum => ChecksumOf(md5);

    public static string? ChecksumOf(string? md5) => md5 is { Length: > 0 } ? $"md5:{md5}" : null;

    /// <returns>null when there is no such blob, or it is a folder.</returns>
    public static async Task<AzureBlob?> OpenAsync(AzureClient client, AzureBlobPlace place, CancellationToken cancellationToken)
    {
        using var answer = await client.SendAsync(place.Container, new AzureRequest(RequestMethod.Head, place.Url) { Needs = "Storage Blob Data Reader" }, cancellationToken);
        if (answer.Status == 404 || answer.Header("x-ms-meta-hdi_isfolder") == "true" || answer.Header("x-ms-resource-type") == "directory")
            return null;
        return answer.IsSuccess
            ? new AzureBlob(client, place, answer)
            : throw new StoreException($"Azure does not give '{place.Name}' ({answer.Status} {answer.Error}).", isTemporary: false);
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        long offset, long length, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var reader = new ResumingReader((from, token) => OpenAsync(from, offset + length - 1, token), offset, length);
        using var digest = md5 is not null && length == Length ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
        var left = length;
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            while (await reader.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                digest?.AppendData(buffer, 0, read);
                left -= read;
                // Checked before the last piece goes out: the client is then one piece short and knows.
                if (left == 0 && digest is not null && Convert.ToBase64String(digest.GetHashAndReset()) != md5)
                    throw new StoreException($"The content of '{place.Name}' in container '{place.Container.Name}' does not match its Content-MD5.", isTemporary: false);
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
        var headers = new Dictionary<string, string>
        {
            ["If-Match"] = quotedTag,
            ["x-ms-range"] = string.Create(CultureInfo.InvariantCulture, $"bytes={first}-{last}"),
        };
        var request = new AzureRequest(RequestMethod.Get, place.Url) { Headers = headers, IsStreamed = true, Needs = "Storage Blob Data Reader" };
        var answer = await client.SendAsync(place.Container, request, cancellationToken);
        if (answer.IsSuccess)
            return answer.Body;
        using (answer)
        {
            throw answer.Status is 404 or 412
                ? new StoreException($"The file '{place.Name}' was replaced or deleted while it was read. Read it again.", isTemporary: true)
                : new StoreException($"Azure does not give '{place.Name}' ({answer.Status} {answer.Error}).", isTemporary: false);
        }
    }
}
