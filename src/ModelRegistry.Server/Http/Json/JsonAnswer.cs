using System.Buffers;
using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ModelRegistry.Server.Http.Json;

/// <summary>
/// Writes the answers of calls: one thing whole, with its length in front, by way of a buffer that the thread keeps; lists piece by piece,
/// because they can be of any length.
/// </summary>
internal static class JsonAnswer
{
    // A larger buffer is not kept.
    private const int KeptBytes = 256 << 10;
    private const string ContentType = "application/json";

    private static readonly JsonWriterOptions Options = new() { Encoder = WireJson.Encoder, SkipValidation = true };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? kept;

    /// <summary>The way in which answers of this type are written.</summary>
    public static Func<HttpContext, T, Task> For<T>(JsonTypeInfo<T> type) =>
        type.Properties.Any(property => property.PropertyType.IsAssignableTo(typeof(IList)))
            ? (http, answer) => WriteListAsync(http, answer, type)
            : (http, answer) => WriteAsync(http, answer, type);

    private static Task WriteListAsync<T>(HttpContext http, T answer, JsonTypeInfo<T> type)
    {
        http.Response.ContentType = ContentType;
        return JsonSerializer.SerializeAsync(http.Response.BodyWriter, answer, type, http.RequestAborted);
    }

    private static Task WriteAsync<T>(HttpContext http, T answer, JsonTypeInfo<T> type)
    {
        var (buffer, writer) = kept ?? Create();

        // Until the bytes are with the server nobody else may find them, and writing them may go on on another thread.
        kept = null;
        JsonSerializer.Serialize(writer, answer, type);
        writer.Flush();
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = buffer.WrittenCount;
        var written = http.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
        if (!written.IsCompletedSuccessfully)
            return written.AsTask();
        if (buffer.Capacity <= KeptBytes)
        {
            buffer.ResetWrittenCount();
            writer.Reset();
            kept = (buffer, writer);
        }

        return Task.CompletedTask;
    }

    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer) Create()
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        return (buffer, new Utf8JsonWriter(buffer, Options));
    }
}
