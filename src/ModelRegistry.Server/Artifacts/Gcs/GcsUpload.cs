using System.Net.Http.Headers;
using System.Text.Json;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>Sends objects: what fits into one chunk by one request, else chunk by chunk.</summary>
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
            return await SendWholeAsync(new GcsNewObject(key, contentType, checksum.ToBase64()), parts.Part, cancellationToken);
        await using var session = await StartAsync(new GcsNewObject(key, contentType, Crc32c: null), cancellationToken);
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
    private async Task<GcsObject> SendWholeAsync(GcsNewObject about, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var address = client.Addresses.Upload(bucket, $"uploadType=multipart&fields={GcsObject.Fields}");
        var stored = await client.Http.ReadAsync(call, () => new HttpRequestMessage(HttpMethod.Post, address) { Content = Related(about, bytes) },
            GcsJson.Default.GcsObject, cancellationToken);
        return stored!;
    }

    private async Task<ResumableUpload> StartAsync(GcsNewObject about, CancellationToken cancellationToken)
    {
        var address = client.Addresses.Upload(bucket, $"uploadType=resumable&fields={GcsObject.Fields}");
        using var response = await client.Http.SendAsync(
            call, () => new HttpRequestMessage(HttpMethod.Post, address) { Content = Document(about) }, cancellationToken);
        var session = response.Headers.Location?.OriginalString
            ?? throw new StoreException("Google Cloud Storage began an upload without saying where it is.", isTemporary: true);
        return new ResumableUpload(client, call, about.Name, bucket, GcsAddresses.Parse(session));
    }

    private static MultipartContent Related(GcsNewObject about, ReadOnlyMemory<byte> bytes)
    {
        var content = new ReadOnlyMemoryContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(about.ContentType);
        return new MultipartContent("related") { Document(about), content };
    }

    private static ByteArrayContent Document(GcsNewObject about) =>
        new(JsonSerializer.SerializeToUtf8Bytes(about, GcsJson.Default.GcsNewObject))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") },
        };
}
