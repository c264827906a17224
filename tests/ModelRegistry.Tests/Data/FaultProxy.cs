using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ModelRegistry.Tests.Data;

/// <summary>
/// Stands between a client and a database server on this machine, counts round trips, and does harm on demand. What it looks for in what a client
/// sends is found without TLS alone.
/// </summary>
internal sealed class FaultProxy : IDisposable
{
    private const int BufferSize = 64 << 10;

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopped = new();
    private readonly List<Socket> sockets = [];
    private readonly int target;
    private int roundTrips;
    private int connections;
    private volatile string? lost;

    public FaultProxy(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How often a client has spoken after the server had, on all connections.</summary>
    public int RoundTrips => Volatile.Read(ref roundTrips);

    /// <summary>How many connections there have been.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>While true, nothing reaches anybody and no connection ends, as when a machine loses its power.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Breaks the connection in place of the answer to the next statement that has this text.</summary>
    public void LoseAnswerTo(string text) => lost = text;

    /// <summary>Resets every connection, as a firewall does that has forgotten them.</summary>
    public void Cut()
    {
        lock (sockets)
        {
            foreach (var socket in sockets)
                Reset(socket);
            sockets.Clear();
        }
    }

    public void Dispose()
    {
        stopped.Cancel();
        listener.Dispose();
        Cut();
        stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptSocketAsync(stopped.Token));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Disposed of.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        Interlocked.Increment(ref connections);
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, target, stopped.Token);
            lock (sockets)
                sockets.AddRange([client, server]);
            var link = new Link(client, server);
            await Task.WhenAny(SendOnAsync(link), AnswerAsync(link));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One of the two has gone.
        }

        client.Dispose();
    }

    private async Task SendOnAsync(Link link)
    {
        var buffer = new byte[BufferSize];
        while (await link.Client.ReceiveAsync(buffer, stopped.Token) is > 0 and var read)
        {
            await WhileSilentAsync();
            if (link.HasServerSpoken)
                Interlocked.Increment(ref roundTrips);
            link.HasServerSpoken = false;
            if (lost is { } text && Encoding.UTF8.GetString(buffer, 0, read).Contains(text, StringComparison.Ordinal))
            {
                lost = null;
                link.LosesAnswer = true;
            }

            await link.Server.SendAsync(buffer.AsMemory(0, read), stopped.Token);
        }
    }

    private async Task AnswerAsync(Link link)
    {
        var buffer = new byte[BufferSize];
        while (await link.Server.ReceiveAsync(buffer, stopped.Token) is > 0 and var read)
        {
            await WhileSilentAsync();
            if (link.LosesAnswer)
            {
                // The server has done what it was asked.
                Reset(link.Client);
                return;
            }

            link.HasServerSpoken = true;
            await link.Client.SendAsync(buffer.AsMemory(0, read), stopped.Token);
        }
    }

    private async Task WhileSilentAsync()
    {
        while (IsSilent)
            await Task.Delay(10, stopped.Token);
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // It has ended by itself.
        }

        socket.Dispose();
    }

    private sealed record Link(Socket Client, Socket Server)
    {
        public volatile bool HasServerSpoken;
        public volatile bool LosesAnswer;
    }
}
