using System.Globalization;
using System.Xml.Linq;

namespace ModelRegistry.GcsServer;

/// <summary><c>/BUCKET/OBJECT</c>: what signed addresses lead to, and uploads in parts.</summary>
internal sealed class GcsXmlApi(GcsServer server)
{
    private const int MinPart = 5 << 20;

    private static readonly XNamespace Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    public Task HandleAsync(GcsRequest request)
    {
        if (request.Segments.Count == 0)
            throw new GcsException(400, "InvalidURI", "Couldn't parse the specified URI.");
        var (name, key) = (request.Segments[0], string.Join('/', request.Segments.Skip(1)));
        return (request.Method, request.Query.ContainsKey("uploads"), request.Query.ContainsKey("uploadId")) switch
        {
            ("POST", true, _) => StartAsync(request, Bucket("storage.multipartUploads.create"), key),
            ("GET", true, _) => ListAsync(request, Bucket("storage.multipartUploads.list")),
            ("PUT", _, true) => PutPartAsync(request, Upload()),
            ("POST", _, true) => CompleteAsync(request, Bucket("storage.objects.create"), Upload()),
            ("DELETE", _, true) => AbortAsync(request, Bucket("storage.multipartUploads.abort"), Upload()),
            ("GET", _, _) => request.SendAsync(Bucket("storage.objects.get").Find(key) ?? throw GcsException.NoSuchObject(name, key)),
            ("PUT", _, _) => PutAsync(request, Bucket("storage.objects.create"), key),
            _ => throw new GcsException(405, "MethodNotAllowed", "The specified method is not allowed against this resource."),
        };

        GcsBucketState Bucket(string permission) => server.Accounts.Admit(request, name, permission);
        GcsPartedUpload Upload() => Bucket("storage.multipartUploads.create").FindUpload(request.Parameter("uploadId"), key)
            ?? throw new GcsException(404, "NoSuchUpload", "The requested upload was not found.");
    }

    private static Task AnswerAsync(GcsRequest request, XElement document)
    {
        request.Http.Response.ContentType = "application/xml; charset=UTF-8";
        return request.Http.Response.WriteAsync($"<?xml version='1.0' encoding='UTF-8'?>{document.ToString(SaveOptions.DisableFormatting)}");
    }

    private static Task StartAsync(GcsRequest request, GcsBucketState bucket, string key)
    {
        var upload = bucket.StartUpload(key, request.Http.Request.ContentType ?? "");
        return AnswerAsync(request, new XElement(
            Namespace + "InitiateMultipartUploadResult",
            new XElement(Namespace + "Bucket", bucket.Name), new XElement(Namespace + "Key", key), new XElement(Namespace + "UploadId", upload.Id)));
    }

    private Task ListAsync(GcsRequest request, GcsBucketState bucket)
    {
        var (key, id) = (request.Parameter("key-marker"), request.Parameter("upload-id-marker"));
        var uploads = bucket.UploadsUnder(request.Parameter("prefix")).Where(upload => (upload.Key, upload.Id).CompareTo((key, id)) > 0).ToList();
        var page = uploads.Take(server.PageLimit).ToList();
        return AnswerAsync(request, new XElement(
            Namespace + "ListMultipartUploadsResult",
            new XElement(Namespace + "Bucket", bucket.Name),
            new XElement(Namespace + "NextKeyMarker", page.LastOrDefault()?.Key),
            new XElement(Namespace + "NextUploadIdMarker", page.LastOrDefault()?.Id),
            new XElement(Namespace + "IsTruncated", page.Count < uploads.Count ? "true" : "false"),
            page.Select(upload => new XElement(
                Namespace + "Upload",
                new XElement(Namespace + "Key", upload.Key),
                new XElement(Namespace + "UploadId", upload.Id),
                new XElement(Namespace + "Initiated", upload.Started.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))))));
    }

    private async Task PutPartAsync(GcsRequest request, GcsPartedUpload upload)
    {
        var part = GcsBucketState.Describe(upload.Key, await ReceiveAsync(request), upload.ContentType);
        lock (upload.Parts)
            upload.Parts[int.Parse(request.Parameter("partNumber"), CultureInfo.InvariantCulture)] = part;
        request.Http.Response.Headers.ETag = $"\"{part.Etag}\"";
    }

    private async Task CompleteAsync(GcsRequest request, GcsBucketState bucket, GcsPartedUpload upload)
    {
        var document = await XElement.LoadAsync(request.Http.Request.Body, LoadOptions.None, request.Http.RequestAborted);
        var named = document.Elements("Part").Select(part => ((int)part.Element("PartNumber")!, ((string)part.Element("ETag")!).Trim('"'))).ToList();
        if (named.Count == 0)
            throw new GcsException(400, "MalformedCompleteMultipartUploadRequest", "The request has no parts.");
        var parts = named.Select(part => upload.Parts.GetValueOrDefault(part.Item1) is { } sent && sent.Etag == part.Item2
            ? sent
            : throw new GcsException(400, "InvalidPart", "One or more of the specified parts could not be found.")).ToList();
        if (parts.SkipLast(1).Any(part => part.Size < MinPart))
            throw new GcsException(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.");
        var path = server.NewFile();
        await using (var file = File.Create(path))
        {
            foreach (var part in parts)
            {
                await using var content = File.OpenRead(part.File);
                await content.CopyToAsync(file);
            }
        }

        bucket.Put(GcsBucketState.Describe(upload.Key, path, upload.ContentType));
        Forget(bucket, upload);
        await AnswerAsync(request, new XElement(Namespace + "CompleteMultipartUploadResult", new XElement(Namespace + "Key", upload.Key)));
    }

    private static Task AbortAsync(GcsRequest request, GcsBucketState bucket, GcsPartedUpload upload)
    {
        Forget(bucket, upload);
        request.Http.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private static void Forget(GcsBucketState bucket, GcsPartedUpload upload)
    {
        bucket.RemoveUpload(upload.Id);
        foreach (var part in upload.Parts.Values)
            File.Delete(part.File);
    }

    private async Task PutAsync(GcsRequest request, GcsBucketState bucket, string key)
    {
        var stored = bucket.Put(GcsBucketState.Describe(key, await ReceiveAsync(request), request.Http.Request.ContentType ?? "application/octet-stream"));
        request.Http.Response.Headers.ETag = $"\"{stored.Etag}\"";
    }

    private async Task<string> ReceiveAsync(GcsRequest request)
    {
        var path = server.NewFile();
        await using var file = File.Create(path);
        await foreach (var piece in request.ReadBodyAsync())
            await file.WriteAsync(piece);
        return path;
    }
}
