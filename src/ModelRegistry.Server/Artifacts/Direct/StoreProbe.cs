using System.Security.Cryptography;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts.Direct;

/// <summary>Tries the artifacts destination out with a small file of its own, which it deletes again.</summary>
internal sealed class StoreProbe(ArtifactStores stores, DirectTransfers transfers)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AddressLifetime = TimeSpan.FromMinutes(5);

    private readonly IBlobStore store = stores.Destination.Store;
    private readonly byte[] content = RandomNumberGenerator.GetBytes(64);
    private readonly ArtifactPath folder = ArtifactPath.OfKey($".mr-probe-{Guid.NewGuid():n}");

    private ArtifactPath File => folder.Join(ArtifactPath.OfKey("probe"));

    /// <summary>Writes, reads, lists and deletes; then, where that is asked for, goes past the server as a client would.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task<ProbeReport> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await store.WriteAsync(File, new[] { (ReadOnlyMemory<byte>)content }.ToAsyncEnumerable(), content.Length, limit.Token);
            await RequireContentAsync("reads back", limit.Token);
            var listed = await store.ListAsync(folder, limit.Token);
            Require(listed is [{ IsFolder: false } entry] && entry.Size == content.Length, "does not list what was written to it");
            var direct = transfers.NeedsProof ? await ProveAsync(limit.Token) : null;
            await store.DeleteAsync(folder, limit.Token);
            Require(await store.ListAsync(folder, limit.Token) is [], "does not delete");
            return direct ?? new ProbeReport(null, null);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreException($"it did not answer within {Limit.TotalSeconds} seconds.", isTemporary: true, e);
        }
    }

    private async Task<ProbeReport> ProveAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var downloads = store is IPresigning signer ? await TryAsync(() => DownloadAsync(client, signer, cancellationToken), cancellationToken) : null;
        var uploads = store is IMultipartUploads parted ? await TryAsync(() => UploadAsync(client, parted, cancellationToken), cancellationToken) : null;
        transfers.Proved(takesParts: uploads is "", signsDownloads: downloads is "");
        return new ProbeReport(uploads, downloads);
    }

    private async Task DownloadAsync(HttpClient client, IPresigning signer, CancellationToken cancellationToken)
    {
        var address = await signer.SignDownloadAsync(File, AddressLifetime, cancellationToken);
        using var request = Request(HttpMethod.Get, address.Url, address.Headers);
        using var answer = await client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        Require((await answer.Content.ReadAsByteArrayAsync(cancellationToken)).AsSpan().SequenceEqual(content), "sends something else from a signed address");
    }

    private async Task UploadAsync(HttpClient client, IMultipartUploads parted, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(File, cancellationToken);
        var upload = await parted.StartAsync(File, 1, AddressLifetime, cancellationToken);
        var part = upload.Parts[0];
        using var request = Request(HttpMethod.Put, part.Url, part.Headers);
        request.Content = new ByteArrayContent(content);
        using var answer = await client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        await parted.CompleteAsync(File, upload.UploadId, [new FinishedPart(part.Number, answer.Headers.ETag?.ToString(), part.Url)], cancellationToken);
        await RequireContentAsync("puts parts together", cancellationToken);
    }

    /// <returns>Empty when it worked, else why not.</returns>
    private static async Task<string> TryAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work();
            return "";
        }
        catch (Exception e) when (e is StoreException or ApiException or HttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
    }

    private async Task RequireContentAsync(string what, CancellationToken cancellationToken)
    {
        await using var blob = await store.OpenAsync(File, cancellationToken);
        var read = new List<byte>();
        if (blob is not null)
        {
            await foreach (var piece in blob.ReadAsync(0, blob.Length, cancellationToken))
                read.AddRange(piece.Span);
        }

        Require(read.SequenceEqual(content), $"{what} something else than was written");
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new StoreException($"it {otherwise}.", isTemporary: false);
    }

    private static HttpRequestMessage Request(HttpMethod method, string url, IReadOnlyDictionary<string, string> headers)
    {
        var request = new HttpRequestMessage(method, url);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }
}

/// <summary>What came of going past the server: empty when it worked, else why not; null when the store has no such thing or it was not asked for.</summary>
internal sealed record ProbeReport(string? Uploads, string? Downloads);
