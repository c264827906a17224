using System.Net;
using System.Net.Sockets;

namespace ModelRegistry.Tests.Caching;

/// <summary>A way to a port of this machine that can be cut and mended.</summary>
internal sealed class Relay : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> sockets = [];
    private readonly int target;
    private bool isCut;

    public Relay(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Cut()
    {
        lock (sockets)
        {
            isCut = true;
            sockets.ForEach(socket => socket.Dispose());
            sockets.Clear();
        }
    }

    public void Mend()
    {
        lock (sockets)
            isCut = false;
    }

    public void Dispose()
    {
        listener.Dispose();
        Cut();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ConnectAsync(await listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed of.
        }
    }

    private async Task ConnectAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, target);
            lock (sockets)
            {
                ObjectDisposedException.ThrowIf(isCut, this);
                sockets.AddRange([client, server]);
            }

            await using var near = new NetworkStream(client);
            await using var far = new NetworkStream(server);
            await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // Cut.
        }

        client.Dispose();
        server.Dispose();
    }
}
