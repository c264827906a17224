using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace ModelRegistry.GcsServer;

/// <summary>A request with its target as it was sent: a slash in an object's name is not one of the path.</summary>
internal sealed class GcsRequest
{
    private readonly GcsFault? fault;

    public GcsRequest(HttpContext http, GcsFaults faults)
    {
        (Http, Method) = (http, http.Request.Method);
        Target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var query = Target.IndexOf('?', StringComparison.Ordinal);
        Path = query < 0 ? Target : Target[..query];
        RawQuery = query < 0 ? "" : Target[(query + 1)..];
        Query = QueryHelpers.ParseQuery(RawQuery).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        Segments = [.. Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        fault = faults.Take(this);
    }

    public HttpContext Http { get; }

    public DateTimeOffset Time { get; } = DateTimeOffset.UtcNow;

    public string Method { get; }

    public string Target { get; }

    public string Path { get; }

    public string RawQuery { get; }

    public IReadOnlyDictionary<string, string> Query { get; }

    /// <summary>The parts of the path, decoded.</summary>
    public IReadOnlyList<string> Segments { get; }

    /// <summary>The range that is asked for, as it was sent; kept for tests that look at the log.</summary>
    public string? Range { get; private set; }

    public string Parameter(string name) => Query.GetValueOrDefault(name) ?? "";

    public override string ToString() => $"{Method} {Target}";

    /// <summary>Answers with the fault that was ordered, if it is one that comes before anything else.</summary>
    public async Task<bool> FailAsync()
    {
        Range = Http.Request.Headers.Range.ToString() is { Length: > 0 } range ? range : null;
        if (fault is not { Status: > 0 })
            return false;
        if (fault.RetryAfter is { } seconds)
            Http.Response.Headers.RetryAfter = seconds;
        Http.Response.StatusCode = fault.Status;
        await Http.Response.WriteAsync("""{"error": {"code": 0, "message": "We encountered an internal error. Please try again."}}""");
        return true;
    }

    /// <summary>Reads the body piece by piece; gives up, or changes it, where a fault says so.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadBodyAsync()
    {
        var buffer = new byte[64 << 10];
        var size = 0L;
        while (await Http.Request.Body.ReadAsync(buffer, Http.RequestAborted) is > 0 and var read)
        {
            if (fault is { CorruptUploadAt: { } at } && at >= size && at < size + read)
                buffer[at - size] ^= 1;
            if (fault is { DropUploadAt: { } limit } && size + read > limit)
            {
                yield return buffer.AsMemory(0, (int)(limit - size));
                throw new IOException("The connection is dropped, as ordered.");
            }

            size += read;
            yield return buffer.AsMemory(0, read);
            await PauseAsync();
        }
    }

    /// <summary>Loses the answer to what has been done, when a fault says so.</summary>
    public void LoseAnswer()
    {
        if (fault is { LoseAnswer: true })
            throw new IOException("The answer is lost, as ordered.");
    }

    /// <summary>Sends a file or a part of it, with the faults that were ordered.</summary>
    public async Task SendAsync(GcsObjectState file)
    {
        var (response, size) = (Http.Response, file.Size);
        var (first, last) = RangeOf(size);
        if (first > last && size > 0)
            throw new GcsException(416, "InvalidRange", "The requested range cannot be satisfied.");
        response.StatusCode = Range is null ? 200 : 206;
        response.ContentType = file.ContentType;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.ETag = $"\"{file.Etag}\"";
        response.Headers["x-goog-generation"] = $"{file.Generation}";
        response.Headers["x-goog-hash"] = $"crc32c={file.Crc32c}";
        if (Range is not null)
            response.Headers.ContentRange = new ContentRangeHeaderValue(first, last, size).ToString();
        var length = last - first + 1 - (fault?.ShortBy ?? 0);
        response.ContentLength = length;
        using var content = File.OpenHandle(file.File, options: FileOptions.Asynchronous);
        var buffer = new byte[64 << 10];
        for (var sent = 0L; sent < length;)
        {
            var read = await RandomAccess.ReadAsync(content, buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - sent)), first + sent);
            if (fault is { CorruptDownloadAt: { } at } && at >= sent && at < sent + read)
                buffer[at - sent] ^= 1;
            if (fault is { DropDownloadAt: { } limit } && sent + read > limit)
            {
                await response.Body.WriteAsync(buffer.AsMemory(0, (int)(limit - sent)));
                await response.Body.FlushAsync();
                Http.Abort();
                return;
            }

            await response.Body.WriteAsync(buffer.AsMemory(0, read), Http.RequestAborted);
            sent += read;
            await PauseAsync();
        }
    }

    private Task PauseAsync() => fault?.Pause is { } pause ? Task.Delay(pause, Http.RequestAborted) : Task.CompletedTask;

    private (long First, long Last) RangeOf(long size)
    {
        if (Range is null)
            return (0, size - 1);
        var range = RangeHeaderValue.Parse(Range).Ranges.Single();
        return range.From is { } from ? (from, Math.Min(range.To ?? long.MaxValue, size - 1)) : (size - range.To!.Value, size - 1);
    }
}
