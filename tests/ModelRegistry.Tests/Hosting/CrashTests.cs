using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Microsoft.Data.Sqlite;
using Xunit;

namespace ModelRegistry.Tests.Hosting;

[Trait("Database", "SQLite")]
public sealed class CrashTests
{
    [Fact]
    public async Task A_killed_server_has_every_write_it_acknowledged()
    {
        await using var server = await ServerProcess.StartAsync();
        var acknowledged = new ConcurrentBag<string>();
        for (var round = 0; round < 3; round++)
        {
            var writers = Enumerable.Range(0, 4).Select(writer => WriteUntilItDiesAsync(server.Url, $"{round}-{writer}", acknowledged)).ToArray();
            var before = acknowledged.Count;
            await Wait.UntilAsync(() => acknowledged.Count >= before + 40, () => $"{acknowledged.Count - before} writes were acknowledged.");
            await server.KillAsync();
            await Task.WhenAll(writers);

            AssertIntact(server.DatabasePath);
            await server.StartAgainAsync();
        }

        using var client = new HttpClient { BaseAddress = server.Url };
        foreach (var name in acknowledged)
        {
            using var found = await client.PostAsJsonAsync("/api/2.0/mlflow/registered-models/create", new { name });
            Assert.Equal(HttpStatusCode.BadRequest, found.StatusCode); // It exists already.
        }
    }

    [Fact]
    public async Task A_request_that_is_running_at_shutdown_is_finished()
    {
        await using var server = await ServerProcess.StartAsync(new ServerProcessOptions { Arguments = ["--expose-prometheus", "on"] });
        var body = """{"name": "slow"}"""u8.ToArray();
        using var client = new TcpClient();
        await client.ConnectAsync(server.Url.Host, server.Url.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/2.0/mlflow/registered-models/create HTTP/1.1\r\nHost: {server.Url.Authority}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {body.Length}\r\nConnection: close\r\n\r\n"));
        await stream.WriteAsync(body.AsMemory(0, 5));
        await server.WaitUntilActiveAsync("POST");

        var stopping = server.StopAsync();
        await server.WaitUntilClosedAsync();
        Assert.False(stopping.IsCompleted);
        await stream.WriteAsync(body.AsMemory(5));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal(0, await stopping);
    }

    [Fact]
    public async Task A_request_that_never_ends_holds_shutdown_no_longer_than_allowed()
    {
        await using var server = await ServerProcess.StartAsync(new ServerProcessOptions { Arguments = ["--shutdown-timeout", "1", "--expose-prometheus", "on"] });
        using var client = new TcpClient();
        await client.ConnectAsync(server.Url.Host, server.Url.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/2.0/mlflow/registered-models/create HTTP/1.1\r\nHost: {server.Url.Authority}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"));
        await server.WaitUntilActiveAsync("POST");

        var code = await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(15));

        Assert.Equal(0, code);
        Assert.True(!server.Output.Contains("   at ", StringComparison.Ordinal), server.Output);
    }

    private static async Task WriteUntilItDiesAsync(Uri url, string writer, ConcurrentBag<string> acknowledged)
    {
        using var client = new HttpClient { BaseAddress = url };
        for (var number = 0; ; number++)
        {
            var name = $"model-{writer}-{number}";
            try
            {
                using var answer = await client.PostAsJsonAsync("/api/2.0/mlflow/registered-models/create", new { name });
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                acknowledged.Add(name);
            }
            catch (HttpRequestException)
            {
                return; // The server is gone; this write was not acknowledged.
            }
        }
    }

    private static void AssertIntact(string path)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        Assert.Equal("ok", command.ExecuteScalar());
    }
}
