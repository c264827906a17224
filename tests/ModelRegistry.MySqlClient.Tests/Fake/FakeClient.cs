using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ModelRegistry.MySqlClient.Tests.Fake;

/// <summary>The server's end of one connection.</summary>
internal sealed class FakeClient(Socket socket) : IAsyncDisposable
{
    private Stream stream = new NetworkStream(socket, ownsSocket: true);

    /// <summary>The number that the next packet sent will bear.</summary>
    public byte Sequence { get; set; }

    public async Task SendAsync(params byte[][] payloads)
    {
        foreach (var payload in payloads)
            await stream.WriteAsync(Packets.Framed(Sequence++, payload));
    }

    public async Task SendRawAsync(byte[] bytes) => await stream.WriteAsync(bytes);

    public async Task<byte[]> ReceiveAsync()
    {
        var header = new byte[4];
        await stream.ReadExactlyAsync(header);
        var payload = new byte[header[0] | (header[1] << 8) | (header[2] << 16)];
        await stream.ReadExactlyAsync(payload);
        Sequence = (byte)(header[3] + 1);
        return payload;
    }

    public async Task UseTlsAsync(X509Certificate2 certificate)
    {
        var encrypted = new SslStream(stream);
        await encrypted.AuthenticateAsServerAsync(certificate);
        stream = encrypted;
    }

    /// <summary>Greets, lets in whoever comes, and answers the statements that set the session up.</summary>
    public async Task LogInAsync(byte[]? greeting = null)
    {
        await SendAsync(greeting ?? Packets.Greeting());
        await ReceiveAsync();
        await AcceptAsync();
    }

    /// <summary>Ends the login, and answers the statements that set the session up.</summary>
    public async Task AcceptAsync()
    {
        await SendAsync(Packets.Ok());
        await ReceiveAsync();
        await SendAsync(Packets.Ok());
    }

    /// <summary>Sends no more, and reads until the client has closed its end.</summary>
    public async Task FinishAsync()
    {
        if (stream is NetworkStream)
            socket.Shutdown(SocketShutdown.Send);
        await WaitForCloseAsync();
    }

    public async Task WaitForCloseAsync()
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer) > 0)
        {
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
