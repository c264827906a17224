using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>Writes one blob: with one request when it fits into one part, else in blocks that become visible when their list is committed.</summary>
/// <remarks>
/// The library's own upload of a stream would cut it into pieces as well, each in memory of its own; here all uploads share the few buffers of
/// <see cref="UploadBuffers"/>. Blocks of an upload that broke off are seen by nobody, and Azure throws them away after a week.
/// </remarks>
[SuppressMessage("Security", "CA5351", Justification = "The protocol's digest against damage, not against attackers.")]
internal sealed class AzureUpload(BlockBlobClient client, AzureContainer container)
{
    /// <summary>As many as a blob takes.</summary>
    public const int MaxBlocks = 50_000;

    private readonly AzureCall call = new(container, $"Azure does not take '{client.Name}'");

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
    public Task CommitAsync(IEnumerable<string> blocks, byte[]? md5, CancellationToken cancellationToken)
    {
        var commit = call with
        {
            Meaning = e => e.ErrorCode is "InvalidBlockList" or "InvalidBlockId" or "InvalidBlobOrBlock"
                ? ApiException.Invalid($"The upload of '{client.Name}' cannot be completed: parts of it are missing, or another upload of it was completed first.")
                : null,
        };
        var options = new CommitBlockListOptions { HttpHeaders = new BlobHttpHeaders { ContentType = ContentTypes.Of(client.Name), ContentHash = md5 } };
        return commit.RunAsync(client.CommitBlockListAsync(blocks, options, cancellationToken), cancellationToken);
    }

    private async Task<byte[]?> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = ContentTypes.Of(client.Name) },
            // It computes the digest itself: it takes none for what it might have to cut.
            TransferValidation = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
        };
        var stored = await call.RunAsync(client.UploadAsync(BinaryData.FromBytes(content).ToStream(), options, cancellationToken), cancellationToken);
        return stored.Value.ContentHash;
    }

    private async Task<byte[]> PutBlocksAsync(PartReader parts, CancellationToken cancellationToken)
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
        var md5 = whole.GetHashAndReset();
        await CommitAsync(blocks, md5, cancellationToken);
        return md5;
    }

    private async Task PutBlockAsync(string block, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var digest = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5, PrecalculatedChecksum = MD5.HashData(content.Span) };
        var options = new BlockBlobStageBlockOptions { TransferValidation = digest };
        await call.RunAsync(client.StageBlockAsync(block, BinaryData.FromBytes(content).ToStream(), options, cancellationToken), cancellationToken);
    }
}
