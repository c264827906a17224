using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace ModelRegistry.GcsServer;

/// <summary><c>/upload/storage/v1/b/BUCKET/o</c>: objects in one request, or in chunks that can be resumed.</summary>
internal sealed class GcsUploadApi(GcsServer server)
{
    private readonly ConcurrentDictionary<string, GcsSession> sessions = new();

    public int Open(GcsBucketState bucket) => sessions.Values.Count(session => session.Bucket == bucket && !session.IsOver);

    public Task HandleAsync(GcsRequest request)
    {
        if (request.Segments is not [_, _, _, "b", var name, "o"])
            throw new GcsException(404, "notFound", "Not Found");
        if (request.Query.TryGetValue("upload_id", out var id))
        {
            // The address of a session is its own permission.
            var session = sessions.GetValueOrDefault(id) ?? throw new GcsException(404, "notFound", "Not Found");
            return session.HandleAsync(request);
        }

        var bucket = server.Accounts.Admit(request, name, "storage.objects.create");
        return request.Parameter("uploadType") switch
        {
            "multipart" => RelatedAsync(request, bucket),
            "resumable" => StartAsync(request, bucket),
            _ => throw new GcsException(400, "invalid", "Unknown uploadType."),
        };
    }

    /// <summary>Keeps an object if its checksum is the one that was announced.</summary>
    public static async Task AcceptAsync(GcsRequest request, GcsBucketState bucket, GcsObjectState file, string? checksum)
    {
        if (checksum is not null && checksum != file.Crc32c)
            throw new GcsException(400, "invalid", $"Provided CRC32C \"{checksum}\" doesn't match calculated CRC32C \"{file.Crc32c}\".");
        var stored = bucket.Put(file);
        request.LoseAnswer();
        await request.Http.Response.WriteAsJsonAsync(GcsJsonApi.Describe(stored, bucket.Name));
    }

    private async Task RelatedAsync(GcsRequest request, GcsBucketState bucket)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.Http.Request.ContentType).Boundary).Value!;
        var whole = server.NewFile();
        await using (var file = File.Create(whole))
        {
            await foreach (var piece in request.ReadBodyAsync())
                await file.WriteAsync(piece);
        }

        await using var body = File.OpenRead(whole);
        var reader = new MultipartReader(boundary, body);
        var about = await JsonSerializer.DeserializeAsync<JsonElement>((await reader.ReadNextSectionAsync())!.Body);
        var content = (await reader.ReadNextSectionAsync())!;
        var path = server.NewFile();
        await using (var file = File.Create(path))
            await content.Body.CopyToAsync(file);
        File.Delete(whole);
        await AcceptAsync(request, bucket, GcsBucketState.Describe(KeyOf(about), path, content.ContentType!), Text(about, "crc32c"));
    }

    private async Task StartAsync(GcsRequest request, GcsBucketState bucket)
    {
        var about = await JsonSerializer.DeserializeAsync<JsonElement>(request.Http.Request.Body);
        var id = Guid.NewGuid().ToString("n");
        sessions[id] = new GcsSession(bucket, KeyOf(about), Text(about, "contentType") ?? "", server.NewFile());
        request.Http.Response.Headers.Location = $"{server.Url}{request.Path}?uploadType=resumable&upload_id={id}";
    }

    private static string KeyOf(JsonElement about)
    {
        var key = Text(about, "name");
        return key is { Length: > 0 } && System.Text.Encoding.UTF8.GetByteCount(key) <= 1024 && !key.AsSpan().ContainsAny('\r', '\n')
            ? key
            : throw new GcsException(400, "invalid", "Disallowed unicode characters present in object name, or it is too long.");
    }

    private static string? Text(JsonElement about, string name) => about.TryGetProperty(name, out var value) ? value.GetString() : null;
}

/// <summary>An upload in chunks.</summary>
internal sealed class GcsSession(GcsBucketState bucket, string key, string contentType, string path)
{
    private const int Quantum = 256 << 10;

    private long persisted;
    private bool isFinished;
    private bool isCancelled;

    public GcsBucketState Bucket => bucket;

    public bool IsOver => isFinished || isCancelled;

    public Task HandleAsync(GcsRequest request)
    {
        if (isCancelled)
            throw new GcsException(499, "cancelled", "The upload was cancelled.");
        if (request.Method != "DELETE")
            return PutAsync(request);
        isCancelled = true;
        File.Delete(path);
        throw new GcsException(499, "cancelled", "The upload was cancelled.");
    }

    private async Task PutAsync(GcsRequest request)
    {
        var range = ContentRangeHeaderValue.Parse(request.Http.Request.Headers.ContentRange.ToString());
        if (isFinished)
        {
            await request.Http.Response.WriteAsJsonAsync(GcsJsonApi.Describe(bucket.Find(key)!, bucket.Name));
            return;
        }

        if (range.From is { } from)
            await AppendAsync(request, from, isLast: range.HasLength);
        if (!range.HasLength || persisted != range.Length)
        {
            request.LoseAnswer();
            AnswerIncomplete(request);
            return;
        }

        var file = File.Exists(path) ? path : throw new GcsException(400, "invalid", "Nothing was sent.");
        isFinished = true;
        var hash = request.Http.Request.Headers["x-goog-hash"].ToString();
        await GcsUploadApi.AcceptAsync(
            request, bucket, GcsBucketState.Describe(key, file, contentType), hash.StartsWith("crc32c=", StringComparison.Ordinal) ? hash[7..] : null);
    }

    private async Task AppendAsync(GcsRequest request, long from, bool isLast)
    {
        if (from != persisted)
            throw new GcsException(400, "invalid", $"Invalid request. According to the Content-Range header, the upload offset is {from}, which is not {persisted}.");
        var size = from;
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write);
        try
        {
            await foreach (var piece in request.ReadBodyAsync())
            {
                await RandomAccess.WriteAsync(file, piece, size);
                size += piece.Length;
            }

            if (!isLast && size % Quantum != 0)
                throw new GcsException(400, "invalid", "Invalid request. The number of bytes uploaded is required to be equal or greater than 262144, except for the final request.");
            persisted = size;
        }
        catch (IOException)
        {
            // What has arrived whole stays.
            persisted = size / Quantum * Quantum;
            throw;
        }
    }

    private void AnswerIncomplete(GcsRequest request)
    {
        request.Http.Response.StatusCode = 308;
        if (persisted > 0)
            request.Http.Response.Headers.Range = string.Create(CultureInfo.InvariantCulture, $"bytes=0-{persisted - 1}");
    }
}
