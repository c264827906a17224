using System.Net.Http.Headers;
using About = Google.Apis.Storage.v1.Data.Object;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>Sends objects: what fits into one chunk by one request, else chunk by chunk.</summary>
/// <remarks>
/// Not by <c>StorageClient.UploadObject</c>: it takes two requests for a small file, holds a chunk of memory for each upload however many there are, and
/// computes checksums in software, which costs more than half of the throughput. Its call that begins a session drops the path of a custom endpoint.
/// </remarks>
internal sealed class GcsUpload(GcsClient client, string bucket)
{
    private readonly GcsCall call = GcsCall.OfBucket(bucket, "storage.objects.create and storage.objects.delete");

    /// <summary>Sends content to an object, which appears, or changes, when all of it has arrived undamaged.</summary>
    public async Task<GcsObject> SendAsync(
        string key, string contentType, IAsyncEnumerable<ReadOnlyMemory<byte>> content, long? length, CancellationToken cancellationToken)
    {
        await using var parts = new PartReader(content, length, int.MaxValue, client.Buffers, cancellationToken);
        await parts.NextAsync();
        var checksum = new Crc32C();
        checksum.Append(parts.Part.Span);
        if (parts.IsLast)
            return await SendWholeAsync(new About { Name = key, ContentType = contentType, Crc32c = checksum.ToBase64() }, parts.Part, cancellationToken);
        await using var session = await StartAsync(new About { Name = key, ContentType = contentType }, cancellationToken);
        for (var isLast = false; ;)
        {
            var stored = await session.SendAsync(parts.Part, isLast ? checksum.ToBase64() : null, cancellationToken);
            if (stored is not null)
                return stored;
            await parts.NextAsync();
            checksum.Append(parts.Part.Span);
            isLast = parts.IsLast;
        }
    }

    /// <summary>The request carries the checksum: Google itself refuses what arrives otherwise. Of two writers the later one wins, so it may be repeated.</summary>
    private async Task<GcsObject> SendWholeAsync(About about, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var address = client.Addresses.Upload(bucket, $"uploadType=multipart&fields={GcsObject.Fields}");
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = Related(about, bytes) };
        using var response = await client.SendAsync(call, request, cancellationToken);
        return await client.CallAsync(call, () => client.ParseAsync(response));
    }

    private async Task<GcsUploadSession> StartAsync(About about, CancellationToken cancellationToken)
    {
        var address = client.Addresses.Upload(bucket, $"uploadType=resumable&fields={GcsObject.Fields}");
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = Document(about) };
        using var response = await client.SendAsync(call, request, cancellationToken);
        var session = response.Headers.Location?.OriginalString
            ?? throw new StoreException("Google Cloud Storage began an upload without saying where it is.", isTemporary: true);
        return new GcsUploadSession(client, call, about.Name, bucket, GcsAddresses.Parse(session));
    }

    private MultipartContent Related(About about, ReadOnlyMemory<byte> bytes)
    {
        var content = new ReadOnlyMemoryContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(about.ContentType);
        return new MultipartContent("related") { Document(about), content };
    }

    private StringContent Document(About about) =>
        new(client.Storage.Service.SerializeObject(about), new MediaTypeHeaderValue("application/json", "utf-8"));
}
