using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Google;
using Google.Cloud.Storage.V1;
using AltEnum = Google.Apis.Storage.v1.StorageBaseServiceRequest<Google.Apis.Storage.v1.Data.Object>.AltEnum;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>Objects of a bucket through the JSON API: metadata, content, listing, deletion.</summary>
internal sealed class GcsBucket(GcsClient client, string name)
{
    private const int PageSize = 1000;

    private static readonly GetObjectOptions Once = new() { RetryOptions = RetryOptions.Never };

    public string Name => name;

    /// <returns>null when there is no such object.</returns>
    public Task<GcsObject?> FindAsync(string key, CancellationToken cancellationToken) =>
        client.CallAsync(GcsCall.OfBucket(name, "storage.objects.get"), async () =>
        {
            try
            {
                return (GcsObject?)GcsObject.Of(await client.Storage.GetObjectAsync(name, key, Once, cancellationToken));
            }
            catch (GoogleApiException e) when (e.HttpStatusCode == HttpStatusCode.NotFound && !GcsErrors.IsMissingBucket(e))
            {
                return null;
            }
        });

    /// <summary>Opens the content of this very generation, from an offset to (and with) the last byte that is wanted.</summary>
    /// <remarks>
    /// The library makes the request and sends it, but does not read the answer: it would push the bytes into a stream at its own pace, could not go on
    /// after a broken connection, and would compare the checksum, computed in software, when all of them are out.
    /// </remarks>
    /// <exception cref="StoreException">It has been replaced or deleted meanwhile.</exception>
    public async Task<Stream> OpenAsync(GcsObject file, long offset, long last, CancellationToken cancellationToken)
    {
        var get = client.Storage.Service.Objects.Get(name, file.Name);
        (get.Alt, get.Generation) = (AltEnum.Media, file.Generation);
        using var request = get.CreateRequest();
        // What was stored compressed is to come as it is stored: its size and checksum are those of the stored bytes.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        if (offset > 0 || last < file.Size - 1)
            request.Headers.Range = new RangeHeaderValue(offset, last);
        var response = await client.SendAsync(GcsCall.OfBucket(name, "storage.objects.get", HttpStatusCode.NotFound), request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            response.Dispose();
            throw new StoreException("The file was replaced or deleted while it was being read. Ask for it again.", isTemporary: true);
        }

        if (offset > 0 && response.Content.Headers.ContentRange?.From != offset)
        {
            response.Dispose();
            throw new IOException("The store sent another part of the file than was asked for.");
        }

        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    /// <summary>The pages of a listing.</summary>
    /// <param name="prefix">What the keys begin with.</param>
    /// <param name="isFlat">One folder only; what is further down is summed up in folders.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<GcsListing> ListAsync(string prefix, bool isFlat, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = GcsCall.OfBucket(name, "storage.objects.list");
        // Begun as a call too: the library looks at the bucket's name already here.
        await using var pages = await client.CallAsync(call, () => Task.FromResult(Pages(prefix, PageSize, isFlat, cancellationToken)));
        while (await client.CallAsync(call, () => pages.MoveNextAsync().AsTask()))
            yield return new GcsListing([.. (pages.Current.Items ?? []).Select(GcsObject.Of)], [.. pages.Current.Prefixes ?? []]);
    }

    /// <summary>Whether any key begins so.</summary>
    public Task<bool> HasAnyAsync(string prefix, CancellationToken cancellationToken) =>
        client.CallAsync(GcsCall.OfBucket(name, "storage.objects.list"), async () =>
        {
            await using var pages = Pages(prefix, pageSize: 1, isFlat: false, cancellationToken);
            while (await pages.MoveNextAsync())
            {
                if (pages.Current.Items is { Count: > 0 })
                    return true;
            }

            return false;
        });

    /// <summary>Deletes an object if it is there.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="generation">Only this one, so that a repeated request does not meet a newer one; null for any.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public Task DeleteAsync(string key, long? generation, CancellationToken cancellationToken) =>
        client.CallAsync(GcsCall.OfBucket(name, "storage.objects.delete"), async () =>
        {
            try
            {
                var options = new DeleteObjectOptions { IfGenerationMatch = generation, RetryOptions = RetryOptions.Never };
                await client.Storage.DeleteObjectAsync(name, key, options, cancellationToken);
                return true;
            }
            catch (GoogleApiException e) when (e.HttpStatusCode is HttpStatusCode.NotFound or HttpStatusCode.PreconditionFailed)
            {
                return false;
            }
        });

    private IAsyncEnumerator<Google.Apis.Storage.v1.Data.Objects> Pages(string prefix, int pageSize, bool isFlat, CancellationToken cancellationToken)
    {
        var options = new ListObjectsOptions
        {
            Delimiter = isFlat ? "/" : null,
            PageSize = pageSize,
            Fields = $"items({GcsObject.Fields}),prefixes,nextPageToken",
            RetryOptions = RetryOptions.Never,
        };
        return client.Storage.ListObjectsAsync(name, prefix, options).AsRawResponses().GetAsyncEnumerator(cancellationToken);
    }
}
