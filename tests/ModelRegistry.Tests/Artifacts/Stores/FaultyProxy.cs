using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>What happens to a request on its way to the store.</summary>
internal enum Fault
{
    None,

    /// <summary>The proxy answers 503 in the store's place.</summary>
    Unavailable,

    /// <summary>The connection breaks when half of the body has gone to the store.</summary>
    BreakRequest,

    /// <summary>The store does what was asked, and its answer is lost.</summary>
    LoseAnswer,

    /// <summary>The answer ends in the middle of its body.</summary>
    CutAnswer,

    /// <summary>One byte in the middle of the answer's body is another one.</summary>
    DamageAnswer,
}

/// <summary>Stands between a server and a store and does harm: one request per connection, bytes as they come.</summary>
internal sealed class FaultyProxy : IDisposable
{
    private const int BufferSize = 64 << 10;

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Uri store;
    private readonly CancellationTokenSource stopped = new();
    private readonly List<string> requests = [];

    private FaultyProxy(Uri store)
    {
        this.store = store;
        listener.Start();
        _ = AcceptAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}{store.AbsolutePath}");

    /// <summary>Decides by the request line; asked for one request at a time.</summary>
    public Func<string, Fault> Decide { get; set; } = _ => Fault.None;

    /// <summary>The request lines so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (requests)
                return [.. requests];
        }
    }

    public static FaultyProxy Start(Uri store) => new(store);

    /// <summary>Does harm to the first so many requests whose line matches a pattern.</summary>
    public void Harm(Fault fault, string pattern, int times)
    {
        var left = times;
        Decide = request => Regex.IsMatch(request, pattern) && left-- > 0 ? fault : Fault.None;
    }

    public void Dispose()
    {
        stopped.Cancel();
        listener.Dispose();
        stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stopped.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await PassAsync(client.GetStream());
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One of the two has gone: so does the connection.
            }
        }
    }

    private async Task PassAsync(NetworkStream client)
    {
        var (head, rest) = await ReadHeadAsync(client);
        if (head.Length == 0)
            return;
        var line = head.Split("\r\n", 2)[0];
        Fault fault;
        lock (requests)
        {
            requests.Add(line);
            fault = Decide(line);
        }

        var length = LengthOf(head) - rest.Length;
        if (fault == Fault.Unavailable)
        {
            await CopyAsync(client, Stream.Null, length);
            await client.WriteAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            return;
        }

        using var upstream = new TcpClient();
        await upstream.ConnectAsync(store.Host, store.Port);
        var server = upstream.GetStream();
        await server.WriteAsync(Encoding.Latin1.GetBytes(head.Insert(line.Length, "\r\nConnection: close") + "\r\n\r\n"));
        await server.WriteAsync(rest);
        await CopyAsync(client, server, fault == Fault.BreakRequest ? length / 2 : length);
        if (fault != Fault.BreakRequest)
            await AnswerAsync(server, client, fault);
    }

    private static async Task AnswerAsync(NetworkStream server, NetworkStream client, Fault fault)
    {
        var (head, rest) = await ReadHeadAsync(server);
        if (fault == Fault.LoseAnswer)
            return;
        await client.WriteAsync(Encoding.Latin1.GetBytes(head + "\r\n\r\n"));
        var length = LengthOf(head);
        using var body = new MemoryStream();
        if (fault is Fault.CutAnswer or Fault.DamageAnswer)
        {
            body.Write(rest);
            await CopyAsync(server, body, long.MaxValue);
            var bytes = body.ToArray();
            bytes[bytes.Length / 2] ^= 1;
            await client.WriteAsync(fault == Fault.CutAnswer ? bytes.AsMemory(0, bytes.Length / 2) : bytes);
            return;
        }

        await client.WriteAsync(rest);
        await CopyAsync(server, client, length > 0 ? length - rest.Length : long.MaxValue);
    }

    /// <returns>The head without its empty line, and what came of the body along with it.</returns>
    private static async Task<(string Head, byte[] Body)> ReadHeadAsync(NetworkStream stream)
    {
        var bytes = new byte[BufferSize];
        var filled = 0;
        while (await stream.ReadAsync(bytes.AsMemory(filled)) is > 0 and var read)
        {
            filled += read;
            var end = bytes.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                return (Encoding.Latin1.GetString(bytes, 0, end), bytes[(end + 4)..filled]);
        }

        return ("", []);
    }

    private static long LengthOf(string head) =>
        head.Split("\r\n").Select(line => line.Split(':', 2)).Where(pair => pair[0].Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            .Select(pair => long.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();

    private static async Task CopyAsync(Stream from, Stream to, long length)
    {
        var buffer = new byte[BufferSize];
        while (length > 0 && await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(length, buffer.Length))) is > 0 and var read)
        {
            await to.WriteAsync(buffer.AsMemory(0, read));
            length -= read;
        }
    }
}
