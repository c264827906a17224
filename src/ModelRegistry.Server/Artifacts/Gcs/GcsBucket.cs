using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>Objects of a bucket through the JSON API: metadata, content, listing, deletion.</summary>
internal sealed class GcsBucket(GcsClient client, string name)
{
    private const int PageSize = 1000;

    private static readonly MediaTypeWithQualityHeaderValue Anything = new("*/*");

    public string Name => name;

    /// <returns>null when there is no such object.</returns>
    public async Task<GcsObject?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var call = GcsCall.OfBucket(name, "storage.objects.get", HttpStatusCode.NotFound);
        using var response = await client.Http.SendAsync(call, () => Get(client.Addresses.Object(name, key, $"fields={GcsObject.Fields}")), cancellationToken);
        if (response.StatusCode != HttpStatusCode.NotFound)
            return await GcsHttp.ParseAsync(response, GcsJson.Default.GcsObject, cancellationToken);
        var message = await GcsErrors.MessageOfAsync(response, cancellationToken);
        return message.Contains("bucket", StringComparison.OrdinalIgnoreCase) && !message.Contains("No such object", StringComparison.OrdinalIgnoreCase)
            ? throw GcsErrors.OfAnswer(call, HttpStatusCode.NotFound, message, client.Http.Credentials.Principal)
            : null;
    }

    /// <summary>Opens the content of this very generation, from an offset to (and with) the last byte that is wanted.</summary>
    /// <exception cref="StoreException">It has been replaced or deleted meanwhile.</exception>
    public async Task<Stream> OpenAsync(GcsObject file, long offset, long last, CancellationToken cancellationToken)
    {
        var address = client.Addresses.Object(name, file.Name, string.Create(CultureInfo.InvariantCulture, $"alt=media&generation={file.Generation}"));
        var response = await client.Http.SendAsync(
            GcsCall.OfBucket(name, "storage.objects.get", HttpStatusCode.NotFound), () => GetRange(address, file, offset, last), cancellationToken);
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
    /// <param name="isFlat">One folder only; what is further down is summed up in prefixes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<GcsListing> ListAsync(string prefix, bool isFlat, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = GcsCall.OfBucket(name, "storage.objects.list");
        var query = $"prefix={GcsAddresses.Escape(prefix)}&maxResults={PageSize}&fields=items({GcsObject.Fields}),prefixes,nextPageToken"
            + (isFlat ? "&delimiter=%2F" : "");
        string? token = null;
        do
        {
            var address = client.Addresses.Objects(name, token is null ? query : $"{query}&pageToken={GcsAddresses.Escape(token)}");
            var page = (await client.Http.ReadAsync(call, () => Get(address), GcsJson.Default.GcsListing, cancellationToken))!;
            yield return page;
            token = page.NextPageToken;
        }
        while (token is { Length: > 0 });
    }

    /// <summary>Whether any key begins so.</summary>
    public async Task<bool> HasAnyAsync(string prefix, CancellationToken cancellationToken)
    {
        var address = client.Addresses.Objects(name, $"prefix={GcsAddresses.Escape(prefix)}&maxResults=1&fields=items(name,generation,size,updated),nextPageToken");
        var page = await client.Http.ReadAsync(GcsCall.OfBucket(name, "storage.objects.list"), () => Get(address), GcsJson.Default.GcsListing, cancellationToken);
        return page is { Items.Count: > 0 };
    }

    /// <summary>Deletes an object if it is there.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="generation">Only this one, so that a repeated request does not meet a newer one; null for any.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public async Task DeleteAsync(string key, long? generation, CancellationToken cancellationToken)
    {
        var call = GcsCall.OfBucket(name, "storage.objects.delete", HttpStatusCode.NotFound, HttpStatusCode.PreconditionFailed);
        var query = generation is { } only ? string.Create(CultureInfo.InvariantCulture, $"ifGenerationMatch={only}") : "";
        var address = client.Addresses.Object(name, key, query);
        using var response = await client.Http.SendAsync(call, () => new HttpRequestMessage(HttpMethod.Delete, address), cancellationToken);
    }

    private static HttpRequestMessage Get(Uri address) => new(HttpMethod.Get, address) { Headers = { Accept = { Anything } } };

    private static HttpRequestMessage GetRange(Uri address, GcsObject file, long offset, long last)
    {
        var request = Get(address);
        // What was stored compressed is to come as it is stored: its size and checksum are those of the stored bytes.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        if (offset > 0 || last < file.Size - 1)
            request.Headers.Range = new RangeHeaderValue(offset, last);
        return request;
    }
}
