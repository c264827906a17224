using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>Uploads in parts, which only the XML API knows; the library speaks the JSON API alone.</summary>
internal sealed class GcsParts(GcsClient client, string bucket)
{
    private const string UploadId = "uploadId";

    public async Task<string> StartAsync(string key, string contentType, CancellationToken cancellationToken)
    {
        var call = GcsCall.OfBucket(bucket, "storage.multipartUploads.create");
        var answer = await SendAsync(call, HttpMethod.Post, key, "uploads", new ByteArrayContent([]) { Headers = { { "Content-Type", contentType } } }, cancellationToken);
        return Text(answer!, "UploadId");
    }

    /// <exception cref="ApiException">There is no such upload, or its parts are not those named.</exception>
    public async Task CompleteAsync(string key, string uploadId, IReadOnlyList<FinishedPart> parts, CancellationToken cancellationToken)
    {
        var call = GcsCall.OfBucket(
            bucket, "storage.objects.create and storage.objects.delete", HttpStatusCode.NotFound, HttpStatusCode.BadRequest);
        var document = new XElement("CompleteMultipartUpload", parts.OrderBy(part => part.Number).Select(part =>
            new XElement("Part", new XElement("PartNumber", part.Number), new XElement("ETag", part.Tag))));
        var body = new StringContent(document.ToString(SaveOptions.DisableFormatting)) { Headers = { ContentType = new("application/xml") } };
        var answer = await SendAsync(call, HttpMethod.Post, key, $"{UploadId}={GcsAddresses.Escape(uploadId)}", body, cancellationToken);
        if (answer is null or { Name.LocalName: "Error" })
        {
            throw ApiException.Invalid(
                $"The upload '{uploadId}' cannot be completed: {(answer is null ? "there is no such upload" : Text(answer, "Code"))}. "
                + "Start it anew and send every part.");
        }
    }

    public async Task AbortAsync(string key, string uploadId, CancellationToken cancellationToken)
    {
        var call = GcsCall.OfBucket(bucket, "storage.multipartUploads.abort", HttpStatusCode.NotFound);
        var address = client.Addresses.Xml(bucket, key, $"{UploadId}={GcsAddresses.Escape(uploadId)}");
        using var request = new HttpRequestMessage(HttpMethod.Delete, address);
        using var response = await client.SendAsync(call, request, cancellationToken);
    }

    /// <summary>Key, id and start of every unfinished upload to a key with this prefix.</summary>
    public async IAsyncEnumerable<(string Key, string UploadId, DateTimeOffset Started)> ListAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = GcsCall.OfBucket(bucket, "storage.multipartUploads.list");
        for (var query = $"uploads&prefix={GcsAddresses.Escape(prefix)}"; ;)
        {
            var page = (await SendAsync(call, HttpMethod.Get, "", query, content: null, cancellationToken))!;
            foreach (var upload in page.Elements().Where(element => element.Name.LocalName == "Upload"))
            {
                var started = DateTimeOffset.Parse(Text(upload, "Initiated"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
                yield return (Text(upload, "Key"), Text(upload, "UploadId"), started);
            }

            if (Text(page, "IsTruncated") != "true")
                yield break;
            query = $"uploads&prefix={GcsAddresses.Escape(prefix)}&key-marker={GcsAddresses.Escape(Text(page, "NextKeyMarker"))}"
                + $"&upload-id-marker={GcsAddresses.Escape(Text(page, "NextUploadIdMarker"))}";
        }
    }

    /// <returns>The document that came back, an error document too if its status is expected; null for one that is not found.</returns>
    private async Task<XElement?> SendAsync(
        GcsCall call, HttpMethod method, string key, string query, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, client.Addresses.Xml(bucket, key, query)) { Content = content };
        using var response = await client.SendAsync(call, request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await XElement.LoadAsync(stream, LoadOptions.None, cancellationToken);
    }

    private static string Text(XElement parent, string name) =>
        parent.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? "";
}
