using System.Runtime.CompilerServices;
using System.Web;
using Azure.Core;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>A store that has the account's key, with which it lets clients send and fetch past this server.</summary>
internal sealed class SigningAzureBlobStore(AzureClient client, AzureContainer container, string root, AzureKey key)
    : AzureBlobStore(client, container, root), IMultipartUploads, IPresigning
{
    private static readonly Dictionary<string, string> None = [];

    public Task<MultipartUpload> StartAsync(ArtifactPath path, int parts, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        RequireFile(path);
        var (place, upload) = (PlaceOf(path), AzureUpload.NewId());
        var signature = key.SignAddress(place, "cw", DateTimeOffset.UtcNow + lifetime);
        var addresses = Enumerable.Range(1, parts).Select(number => new PartAddress(
            number, $"{place.Url}?comp=block&blockid={Uri.EscapeDataString(AzureUpload.BlockId(upload, number))}&{signature}", None));
        return Task.FromResult(new MultipartUpload(null, [.. addresses]));
    }

    public Task CompleteAsync(ArtifactPath path, string? uploadId, IReadOnlyList<FinishedPart> parts, CancellationToken cancellationToken) =>
        new AzureUpload(Client, PlaceOf(path)).CommitAsync(parts.Select(BlockOf), null, cancellationToken);

    /// <remarks>
    /// Azure has no call for it. Where the blob is not there but for its blocks, it is made of none of them and deleted, which throws them away;
    /// it is then there, and empty, for a moment. Else they are left to Azure, which throws them away after a week.
    /// </remarks>
    public async Task AbortAsync(ArtifactPath path, string? uploadId, CancellationToken cancellationToken)
    {
        var place = PlaceOf(path);
        await foreach (var blob in BlobsAsync(place.Name, "&include=uncommittedblobs", null, cancellationToken))
        {
            if (blob.Name != place.Name || blob.IsCommitted)
                continue;
            await new AzureUpload(Client, place).CommitAsync([], null, cancellationToken);
            await DeleteBlobAsync(place.Name, cancellationToken);
        }
    }

    public async IAsyncEnumerable<UnfinishedUpload> ListUnfinishedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blob in BlobsAsync(PrefixOf(ArtifactPath.Root), "&include=uncommittedblobs", null, cancellationToken))
        {
            if (!blob.IsCommitted && !blob.IsFolder)
                yield return new UnfinishedUpload(PathOf(blob.Name), null, blob.LastModified ?? DateTimeOffset.UtcNow);
        }
    }

    public Task<SignedAddress> SignDownloadAsync(ArtifactPath path, TimeSpan lifetime, CancellationToken cancellationToken) =>
        Task.FromResult(Sign(path, "r", lifetime, None));

    public Task<SignedAddress> SignUploadAsync(ArtifactPath path, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        RequireFile(path);
        var headers = new Dictionary<string, string> { ["x-ms-blob-type"] = "BlockBlob", ["Content-Type"] = ContentTypes.Of(path.Name) };
        return Task.FromResult(Sign(path, "cw", lifetime, headers));
    }

    private SignedAddress Sign(ArtifactPath path, string permissions, TimeSpan lifetime, Dictionary<string, string> headers)
    {
        var place = PlaceOf(path);
        return new SignedAddress($"{place.Url}?{key.SignAddress(place, permissions, DateTimeOffset.UtcNow + lifetime)}", headers);
    }

    /// <summary>The block id in the address that the part was sent to.</summary>
    private static string BlockOf(FinishedPart part) =>
        (part.Url is { } url && url.Contains('?', StringComparison.Ordinal) ? HttpUtility.ParseQueryString(url[url.IndexOf('?', StringComparison.Ordinal)..])["blockid"] : null)
        ?? throw ApiException.Invalid($"Part {part.Number} does not say the url it was sent to.");
}
