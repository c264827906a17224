using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Hosting;

/// <summary>The socket of the server.</summary>
internal static class Listener
{
    // Clients send long filters and lists of run ids in the query string; this is as much as uvicorn takes.
    private const int MaxHeadBytes = 64 << 10;

    // Of a body that is not read yet; the rest waits with the client. Kestrel would keep a mebibyte of each of a hundred waiting uploads.
    private const int MaxUnreadBytes = 64 << 10;

    public static void Configure(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
        kestrel.Limits.MaxRequestBufferSize = MaxUnreadBytes;
        kestrel.Limits.MaxRequestLineSize = MaxHeadBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeadBytes;
        kestrel.Listen(Resolve(options.Host), options.Port);
    }

    public static void Configure(SocketTransportOptions sockets) => sockets.MaxReadBufferSize = MaxUnreadBytes;

    /// <summary>Starts <paramref name="app"/> and says on which address it listens.</summary>
    /// <exception cref="StartupException">The address is taken or not ours.</exception>
    public static async Task<string> StartAsync(IHost app, ServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new StartupException($"Port {options.Port} on {options.Host} is in use. Choose another with --port.");
        }
        catch (SocketException e)
        {
            throw new StartupException($"The server cannot listen on {options.Host}:{options.Port}: {e.Message}.");
        }

        return app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
    }

    /// <remarks>Kestrel would listen on every interface for a name that it does not know.</remarks>
    private static IPAddress Resolve(string host)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
            return address;
        if (host == "localhost")
            return IPAddress.Loopback;
        try
        {
            return Dns.GetHostAddresses(host).OrderBy(found => found.AddressFamily).First();
        }
        catch (Exception e) when (e is SocketException or ArgumentException or InvalidOperationException)
        {
            throw new StartupException($"The host '{host}' is not an address of this machine.");
        }
    }
}
