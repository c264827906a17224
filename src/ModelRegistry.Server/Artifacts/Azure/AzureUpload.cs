using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>Writes one blob: with one request when it fits into one part, else in blocks that become visible when their list is committed.</summary>
/// <remarks>Blocks of an upload that broke off are seen by nobody, and Azure throws them away after a week.</remarks>
[SuppressMessage("Security", "CA5351", Justification = "The protocol's digest against damage, not against attackers.")]
internal sealed class AzureUpload(AzureClient client, AzureBlobPlace place)
{
    /// <summary>As many as a blob takes.</summary>
    public const int MaxBlocks = 50_000;

    /// <summary>Makes the blocks of this upload its own, when several write the same blob.</summary>
    private readonly string own = NewId();

    /// <summary>What the ids of the blocks of one upload begin with.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>The id of a block; those of one blob have to be of one length.</summary>
    public static string BlockId(string upload, int number) => Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{upload}-{number:d6}")));

    public async Task<BlobReceipt> WriteAsync(PartReader parts, CancellationToken cancellationToken)
    {
        await parts.NextAsync();
        var md5 = parts.IsLast ? await PutAsync(parts.Part, cancellationToken) : await PutBlocksAsync(parts, cancellationToken);
        return new BlobReceipt(parts.Size, AzureBlob.ChecksumOf(md5));
    }

    /// <summary>Makes the blob of its blocks.</summary>
    /// <param name="blocks">Ids in their order.</param>
    /// <param name="md5">Digest of the whole, kept with it; null when it is not known.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="ApiException">A block is not there: it was not sent, or another upload of the same blob was completed meanwhile.</exception>
    public async Task CommitAsync(IEnumerable<string> blocks, string? md5, CancellationToken cancellationToken)
    {
        var list = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
        foreach (var block in blocks)
            list.Append(CultureInfo.InvariantCulture, $"<Latest>{System.Security.SecurityElement.Escape(block)}</Latest>");
        var headers = new Dictionary<string, string> { ["x-ms-blob-content-type"] = ContentTypes.Of(place.Name) };
        if (md5 is not null)
            headers["x-ms-blob-content-md5"] = md5;
        var request = new AzureRequest(RequestMethod.Put, $"{place.Url}?comp=blocklist") { Headers = headers, Content = Encoding.UTF8.GetBytes(list.Append("</BlockList>").ToString()) };
        using var answer = await client.SendAsync(place.Container, request, cancellationToken);
        if (answer.Error is "InvalidBlockList" or "InvalidBlockId" or "InvalidBlobOrBlock")
            throw ApiException.Invalid($"The upload of '{place.Name}' cannot be completed: parts of it are missing, or another upload of it was completed first.");
        Require(answer);
    }

    private async Task<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var md5 = Convert.ToBase64String(MD5.HashData(content.Span));
        var headers = new Dictionary<string, string>
        {
            ["x-ms-blob-type"] = "BlockBlob",
            ["x-ms-blob-content-type"] = ContentTypes.Of(place.Name),
            ["Content-MD5"] = md5,
        };
        using var answer = await client.SendAsync(place.Container, new AzureRequest(RequestMethod.Put, place.Url) { Headers = headers, Content = content }, cancellationToken);
        Require(answer);
        return md5;
    }

    private async Task<string> PutBlocksAsync(PartReader parts, CancellationToken cancellationToken)
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var blocks = new List<string>();
        do
        {
            var block = BlockId(own, parts.Number);
            whole.AppendData(parts.Part.Span);
            await PutBlockAsync(block, parts.Part, cancellationToken);
            blocks.Add(block);
        }
        while (await parts.NextAsync());
        var md5 = Convert.ToBase64String(whole.GetHashAndReset());
        await CommitAsync(blocks, md5, cancellationToken);
        return md5;
    }

    private async Task PutBlockAsync(string block, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var request = new AzureRequest(RequestMethod.Put, $"{place.Url}?comp=block&blockid={Uri.EscapeDataString(block)}")
        {
            Headers = new Dictionary<string, string> { ["Content-MD5"] = Convert.ToBase64String(MD5.HashData(content.Span)) },
            Content = content,
        };
        using var answer = await client.SendAsync(place.Container, request, cancellationToken);
        Require(answer);
    }

    private void Require(AzureAnswer answer)
    {
        if (!answer.IsSuccess)
            throw new StoreException($"Azure does not take '{place.Name}' ({answer.Status} {answer.Error}).", isTemporary: answer.Error is "Md5Mismatch");
    }
}
