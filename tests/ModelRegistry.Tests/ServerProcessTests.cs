using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Xunit;

namespace ModelRegistry.Tests;

/// <summary>The server as its users run it: a process with flags, a temporary folder, signals.</summary>
[Trait("Database", "SQLite")]
public sealed class ServerProcessTests
{
    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_stop_and_after_a_kill()
    {
        await using var server = await ServerProcess.StartAsync();
        await CreateAsync(server, "before-stop");

        Assert.Equal(0, await server.StopAsync());
        await server.StartAgainAsync();
        await CreateAsync(server, "before-kill");
        await server.KillAsync();
        await server.StartAgainAsync();

        Assert.True(await ExistsAsync(server, "before-stop"));
        Assert.True(await ExistsAsync(server, "before-kill"));
        Assert.False(await ExistsAsync(server, "never"));
    }

    [Fact]
    public async Task A_disposed_process_leaves_nothing_behind()
    {
        var server = await ServerProcess.StartAsync();
        var (id, folder) = (server.ProcessId, server.Folder);
        Assert.True(File.Exists(server.DatabasePath), server.Output);

        await server.DisposeAsync();

        Assert.False(Directory.Exists(folder));
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
    }

    private static async Task CreateAsync(ServerProcess server, string name) => Assert.Equal(HttpStatusCode.OK, await PostAsync(server, name));

    /// <summary>A name that is taken is refused.</summary>
    private static async Task<bool> ExistsAsync(ServerProcess server, string name) =>
        await PostAsync(server, name) == HttpStatusCode.BadRequest;

    private static async Task<HttpStatusCode> PostAsync(ServerProcess server, string name)
    {
        using var client = new HttpClient { BaseAddress = server.Url };
        using var response = await client.PostAsJsonAsync("/api/2.0/mlflow/registered-models/create", new { name });
        return response.StatusCode;
    }
}
