using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts;

/// <summary>Sends a file of a store to the client, as an attachment.</summary>
internal static class ArtifactDownload
{
    /// <summary>
    /// The whole file and nothing else: the proxy, which the clients use, does not honour ranges, and they have learnt to live with that.
    /// </summary>
    public static async Task SendWholeAsync(HttpContext http, IBlobStore store, ArtifactPath path)
    {
        await using var blob = await OpenAsync(http, store, path);
        Describe(http.Response, path, ContentDisposition.BareAttachment(path.Name));
        await SendAsync(http, blob, new ByteRange(0, blob.Length));
    }

    /// <summary>The file with validators, ranges and conditional requests: what a browser asks for.</summary>
    public static async Task SendAsync(HttpContext http, IBlobStore store, ArtifactPath path)
    {
        await using var blob = await OpenAsync(http, store, path);
        var (request, response) = (http.Request.Headers, http.Response);
        var conditions = new Preconditions(http.Request, blob);
        conditions.Describe(response);
        if (conditions.IsUnchanged)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        Describe(response, path, ContentDisposition.Attachment(path.Name));
        response.Headers.AcceptRanges = "bytes";
        if (!conditions.AllowsRange || !ByteRange.TryParse(request.Range, blob.Length, out var part))
        {
            await SendAsync(http, blob, new ByteRange(0, blob.Length));
            return;
        }

        response.StatusCode = part is null ? StatusCodes.Status416RangeNotSatisfiable : StatusCodes.Status206PartialContent;
        response.Headers.ContentRange = part?.ContentRange(blob.Length) ?? $"bytes */{blob.Length}";
        await SendAsync(http, blob, part ?? default);
    }

    private static async Task<IBlob> OpenAsync(HttpContext http, IBlobStore store, ArtifactPath path) =>
        await store.OpenAsync(path, http.RequestAborted) ?? throw ApiException.NotFound($"No such artifact: '{path}'");

    private static void Describe(HttpResponse response, ArtifactPath path, string disposition)
    {
        response.ContentType = ContentTypes.Of(path.Name);
        response.Headers.ContentDisposition = disposition;
        response.Headers.XContentTypeOptions = "nosniff";
    }

    private static Task SendAsync(HttpContext http, IBlob blob, ByteRange part)
    {
        http.Response.ContentLength = part.Length;
        return HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask
            : Transfer.WriteBodyAsync(http, blob.ReadAsync(part.Offset, part.Length));
    }
}
