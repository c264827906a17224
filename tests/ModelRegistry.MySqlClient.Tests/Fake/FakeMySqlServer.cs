using System.Net;
using System.Net.Sockets;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests.Fake;

/// <summary>A server that says what a test tells it to say, to every connection anew.</summary>
internal sealed class FakeMySqlServer : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<FakeClient, Task> script;
    private readonly Task accepting;

    public FakeMySqlServer(Func<FakeClient, Task> script)
    {
        this.script = script;
        listener.Start(512);
        accepting = AcceptAsync();
    }

    public string ConnectionString => $"Server=127.0.0.1;Port={((IPEndPoint)listener.LocalEndpoint).Port};User ID=me;Password=secret;SslMode=None;Connection Timeout=5";

    /// <summary>Connections whose script came to its end.</summary>
    public int Completed { get; private set; }

    /// <summary>What went wrong in a script, the client's departure aside.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Runs a client against a script; both must come to an end in time.</summary>
    public static async Task RunAsync(Func<FakeClient, Task> script, Func<MySqlDataSource, Task> client, string options = "")
    {
        await using var server = new FakeMySqlServer(script);
        await using (var source = new MySqlDataSource($"{server.ConnectionString};{options}"))
            await client(source).WaitAsync(Deadline);
        await server.WaitUntilCompletedAsync();
    }

    /// <summary>The error that opening a connection ends with; the driver must have closed it.</summary>
    public static async Task<MySqlException> RefusalAsync(Func<FakeClient, Task> script, string options = "")
    {
        MySqlException? refusal = null;
        await RunAsync(
            async client =>
            {
                await script(client);
                await client.WaitForCloseAsync();
            },
            async source => refusal = await Assert.ThrowsAsync<MySqlException>(() => source.OpenConnectionAsync().AsTask()),
            options);
        return refusal!;
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await accepting;
    }

    private async Task WaitUntilCompletedAsync()
    {
        using var limit = new CancellationTokenSource(Deadline);
        while (Completed == 0 && Failure is null)
            await Task.Delay(1, limit.Token);
        Assert.Null(Failure);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptSocketAsync());
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var client = new FakeClient(socket);
        try
        {
            await script(client);
            Completed++;
        }
        catch (IOException)
        {
            // The client has gone before the script's end; tests in which it must not do so wait for their script.
            Completed++;
        }
        catch (Exception exception)
        {
            Failure = exception;
        }
    }
}
