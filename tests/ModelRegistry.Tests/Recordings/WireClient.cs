using System.Net.Sockets;
using System.Text;

namespace ModelRegistry.Tests.Recordings;

internal sealed record WireRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[]? Body);

internal sealed record WireResponse(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>
/// HTTP over a plain socket, one connection per request: the request target and the headers go out exactly as recorded, which
/// <see cref="HttpClient"/> does not promise (a content type without a body, dots and slashes in the path).
/// </summary>
internal sealed class WireClient(Uri server)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    public async Task<WireResponse> SendAsync(WireRequest request)
    {
        using var timeout = new CancellationTokenSource(Limit);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, timeout.Token);
        var stream = client.GetStream();
        var sending = WriteAsync(stream, request, timeout.Token);
        var answer = await ReadAllAsync(stream, timeout.Token);
        // A server may answer and hang up before it has read a body that it refuses; the answer counts.
        if (answer.Length == 0)
            await sending;
        return WireResponseReader.Read(answer, request.Method);
    }

    private async Task WriteAsync(NetworkStream stream, WireRequest request, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Head(request), cancellationToken);
        if (request.Body is { Length: > 0 } body)
            await stream.WriteAsync(body, cancellationToken);
    }

    private byte[] Head(WireRequest request)
    {
        var head = new StringBuilder()
            .Append($"{request.Method} {server.AbsolutePath.TrimEnd('/')}{request.Target} HTTP/1.1\r\n")
            .Append($"Host: {server.Authority}\r\nConnection: close\r\n");
        foreach (var (name, value) in request.Headers)
            head.Append($"{name}: {value}\r\n");
        if (request.Body is not null || request.Method is "POST" or "PUT" or "PATCH")
            head.Append($"Content-Length: {request.Body?.Length ?? 0}\r\n");
        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    private static async Task<byte[]> ReadAllAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, cancellationToken);
        }
        catch (IOException) when (answer.Length > 0)
        {
            // Reset after the answer: the reader checks that the answer is whole.
        }
        return answer.ToArray();
    }
}
