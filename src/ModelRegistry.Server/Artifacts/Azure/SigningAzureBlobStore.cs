using System.Runtime.CompilerServices;
using System.Web;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>A store that has the account's key, with which it lets clients send and fetch past this server.</summary>
internal sealed class SigningAzureBlobStore(AzureClient client, AzureContainer container, string root, StorageSharedKeyCredential key)
    : AzureBlobStore(client, container, root), IMultipartUploads, IPresigning
{
    private const BlobSasPermissions Writing = BlobSasPermissions.Create | BlobSasPermissions.Write;
    private static readonly Dictionary<string, string> None = [];

    public Task<MultipartUpload> StartAsync(ArtifactPath path, int parts, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        RequireFile(path);
        var (url, signature, upload) = (BlobOf(path).Uri.AbsoluteUri, Signature(path, Writing, lifetime), AzureUpload.NewId());
        var addresses = Enumerable.Range(1, parts).Select(number => new PartAddress(
            number, $"{url}?comp=block&blockid={Uri.EscapeDataString(AzureUpload.BlockId(upload, number))}&{signature}", None));
        return Task.FromResult(new MultipartUpload(null, [.. addresses]));
    }

    public Task CompleteAsync(ArtifactPath path, string? uploadId, IReadOnlyList<FinishedPart> parts, CancellationToken cancellationToken) =>
        new AzureUpload(BlobOf(path), Container).CommitAsync(parts.Select(BlockOf), null, cancellationToken);

    /// <remarks>
    /// Azure has no call for it. Where the blob is not there but for its blocks, it is made of none of them and deleted, which throws them away;
    /// it is then there, and empty, for a moment. Else they are left to Azure, which throws them away after a week.
    /// </remarks>
    public async Task AbortAsync(ArtifactPath path, string? uploadId, CancellationToken cancellationToken)
    {
        var blob = BlobOf(path);
        await foreach (var found in BlobsAsync(blob.Name, BlobStates.Uncommitted, null, cancellationToken))
        {
            if (found.Name != blob.Name || IsCommitted(found))
                continue;
            await new AzureUpload(blob, Container).CommitAsync([], null, cancellationToken);
            await DeleteBlobAsync(blob.Name, cancellationToken);
        }
    }

    public async IAsyncEnumerable<UnfinishedUpload> ListUnfinishedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blob in BlobsAsync(PrefixOf(ArtifactPath.Root), BlobStates.Uncommitted, null, cancellationToken))
        {
            if (!IsCommitted(blob) && !AzureBlob.IsFolder(blob.Metadata))
                yield return new UnfinishedUpload(PathOf(blob.Name), null, LastModified(blob) ?? DateTimeOffset.UtcNow);
        }
    }

    public Task<SignedAddress> SignDownloadAsync(ArtifactPath path, TimeSpan lifetime, CancellationToken cancellationToken) =>
        Task.FromResult(Sign(path, BlobSasPermissions.Read, lifetime, None));

    public Task<SignedAddress> SignUploadAsync(ArtifactPath path, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        RequireFile(path);
        var headers = new Dictionary<string, string> { ["x-ms-blob-type"] = "BlockBlob", ["Content-Type"] = ContentTypes.Of(path.Name) };
        return Task.FromResult(Sign(path, Writing, lifetime, headers));
    }

    private SignedAddress Sign(ArtifactPath path, BlobSasPermissions permissions, TimeSpan lifetime, Dictionary<string, string> headers) =>
        new($"{BlobOf(path).Uri.AbsoluteUri}?{Signature(path, permissions, lifetime)}", headers);

    /// <summary>The query of a signed address (a service SAS) of one blob.</summary>
    private string Signature(ArtifactPath path, BlobSasPermissions permissions, TimeSpan lifetime)
    {
        var sas = new BlobSasBuilder(permissions, DateTimeOffset.UtcNow + lifetime)
        {
            BlobContainerName = Container.Name,
            BlobName = BlobOf(path).Name,
            Protocol = Container.Endpoint.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
        };
        return sas.ToSasQueryParameters(key).ToString();
    }

    /// <summary>Of blobs that are but blocks, Azure says neither tag nor type, and azurite no type.</summary>
    private static bool IsCommitted(BlobItem blob) => blob.Properties.ContentType is { Length: > 0 };

    /// <summary>The block id in the address that the part was sent to.</summary>
    private static string BlockOf(FinishedPart part) =>
        (part.Url is { } url && url.Contains('?', StringComparison.Ordinal) ? HttpUtility.ParseQueryString(url[url.IndexOf('?', StringComparison.Ordinal)..])["blockid"] : null)
        ?? throw ApiException.Invalid($"Part {part.Number} does not say the url it was sent to.");
}
