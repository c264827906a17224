using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>An upload session: chunks in order, each repeated from where the server says it has come to. Disposed before its end, it is cancelled.</summary>
/// <remarks>
/// The library's <c>ResumableUpload</c> resumes too, but gives up at 408 and 429, repeats without a pause, never cancels, and buffers each upload for
/// itself: the chunks here lie in the few buffers that all uploads share.
/// </remarks>
internal sealed class GcsUploadSession(GcsClient client, GcsCall call, string key, string bucket, Uri session) : IAsyncDisposable
{
    private const HttpStatusCode ResumeIncomplete = HttpStatusCode.PermanentRedirect;
    private const HttpStatusCode Cancelled = (HttpStatusCode)499;

    private static readonly TimeSpan CancelLimit = TimeSpan.FromSeconds(10);

    /// <summary>Bytes that the server has.</summary>
    private long confirmed;
    private bool isOver;

    /// <summary>Sends the next chunk: a multiple of 256 KiB unless it is the last.</summary>
    /// <param name="chunk">Its bytes.</param>
    /// <param name="checksum">CRC32C of the whole object, with the last chunk; null with all others.</param>
    /// <param name="cancellationToken">Gives the upload up.</param>
    /// <returns>The object, after the last chunk.</returns>
    /// <exception cref="StoreException">It did not get there.</exception>
    public async Task<GcsObject?> SendAsync(ReadOnlyMemory<byte> chunk, string? checksum, CancellationToken cancellationToken)
    {
        var (start, end) = (confirmed, confirmed + chunk.Length);
        var (isKnown, failures) = (true, 0);
        while (true)
        {
            var before = confirmed;
            TimeSpan? retryAfter = null;
            try
            {
                using var request = isKnown ? Chunk(chunk[(int)(confirmed - start)..], end, checksum) : Question();
                using var response = await client.SendOnceAsync(request, cancellationToken);
                if (response.IsSuccessStatusCode)
                    return await FinishAsync(response, checksum, end, cancellationToken);
                if (response.StatusCode == ResumeIncomplete)
                {
                    confirmed = Confirmed(response, start, end);
                    if (confirmed == end && checksum is null)
                        return null;
                    // An answer to the question is no progress, but neither is it a failure.
                    failures = confirmed > before ? 0 : isKnown ? failures + 1 : failures;
                    isKnown = true;
                    if (failures < GcsRetry.MaxAttempts)
                        continue;
                }

                if (!GcsRetry.IsTemporary(response.StatusCode) || ++failures == GcsRetry.MaxAttempts)
                    throw await FailureAsync(response, cancellationToken);
                retryAfter = GcsRetry.AskedBy(response);
            }
            catch (Exception e) when (GcsRetry.IsTemporary(e))
            {
                if (++failures == GcsRetry.MaxAttempts)
                    throw GcsErrors.Unreachable(client.Addresses.Endpoint, e);
            }

            isKnown = false;
            await client.Retry.WaitAsync(failures, retryAfter, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (isOver)
            return;
        // The upload may be given up because its token was cancelled.
        using var limit = new CancellationTokenSource(CancelLimit);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, session);
            using var response = await client.SendOnceAsync(request, limit.Token);
        }
        catch (Exception e) when (GcsRetry.IsTemporary(e) || e is OperationCanceledException or StoreException)
        {
            // Nobody sees it, and Google removes it after a week. What ended the upload is more worth telling.
        }
    }

    private HttpRequestMessage Chunk(ReadOnlyMemory<byte> rest, long end, string? checksum)
    {
        var total = checksum is null ? "*" : Number(end);
        var range = rest.IsEmpty ? $"bytes */{total}" : $"bytes {Number(confirmed)}-{Number(end - 1)}/{total}";
        var request = Put(new ReadOnlyMemoryContent(rest), range);
        if (checksum is not null)
            request.Headers.TryAddWithoutValidation("x-goog-hash", $"crc32c={checksum}");
        return request;
    }

    /// <summary>Asks how far the upload has come.</summary>
    private HttpRequestMessage Question() => Put(new ByteArrayContent([]), "bytes */*");

    private HttpRequestMessage Put(HttpContent content, string range)
    {
        content.Headers.TryAddWithoutValidation("Content-Range", range);
        return new HttpRequestMessage(HttpMethod.Put, session) { Content = content };
    }

    private long Confirmed(HttpResponseMessage response, long start, long end)
    {
        // "bytes=0-42", or no header when nothing has arrived.
        var has = response.Headers.TryGetValues("Range", out var values)
            && RangeHeaderValue.TryParse(values.First(), out var range) && range.Ranges.First().To is { } last
            ? last + 1
            : 0;
        return has >= start && has <= end
            ? has
            : throw new StoreException($"Google Cloud Storage has lost a part of an upload to {call.Subject}. Send the file again.", isTemporary: true);
    }

    private async Task<GcsObject> FinishAsync(HttpResponseMessage response, string? checksum, long size, CancellationToken cancellationToken)
    {
        isOver = true;
        var stored = await client.CallAsync(call, () => client.ParseAsync(response));
        if (checksum is not null && stored.Size == size && (stored.Crc32c is null || stored.Crc32c == checksum))
            return stored;
        await new GcsBucket(client, bucket).DeleteAsync(key, stored.Generation, cancellationToken);
        throw GcsErrors.Damaged(call);
    }

    private async Task<StoreException> FailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone or Cancelled)
        {
            isOver = true;
            return new StoreException($"Google Cloud Storage no longer knows an upload to {call.Subject}. Send the file again.", isTemporary: true);
        }

        return await client.FailureOfAsync(call, response, cancellationToken);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
