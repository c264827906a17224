using System.Text.Json.Nodes;
using ModelRegistry.Tests.Webhooks;
using MySqlConnector;
using Xunit;

namespace ModelRegistry.Tests.Observability;

public sealed class HealthTests
{
    [Fact]
    public async Task A_server_is_alive_and_ready_for_anybody_who_asks()
    {
        await using var server = await StartedServer.StartAsync(options => options with { StaticPrefix = "/mlflow" });
        foreach (var path in new[] { "/health/live", "/health/ready", "/mlflow/health/live", "/mlflow/health/ready" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (!path.StartsWith("/mlflow", StringComparison.Ordinal))
                request.Headers.Host = "10.1.2.3.probe.example";
            using var answer = await server.Client.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode, path);
        }

        Assert.Equal("""{"status":"ready","database":"ok","artifacts":"ok"}""", (await server.GetAsync("/health/ready")).Text);
    }

    [Fact]
    public async Task A_missing_artifact_folder_is_told_until_it_is_back_and_the_process_lives_on()
    {
        await using var server = await StartedServer.StartAsync(options => options);
        var folder = Path.Combine(server.Home, "artifacts");
        Directory.Delete(folder, recursive: true);

        await WaitForAsync(server, 503);
        var broken = JsonNode.Parse((await server.GetAsync("/health/ready")).Text)!;

        Assert.Equal(("not ready", "ok", "the folder is not there"), ((string?)broken["status"], (string?)broken["database"], (string?)broken["artifacts"]));
        Assert.Equal(200, (await server.GetAsync("/health/live")).Status);
        Directory.CreateDirectory(folder);
        await WaitForAsync(server, 200);
    }

    [MariaDbFact]
    public async Task A_database_that_is_down_is_told_until_it_is_back()
    {
        await using var database = await MariaDbServer.StartAsync();
        await using (var source = new MySqlDataSource(database.ConnectionString))
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE DATABASE ready";
            await command.ExecuteNonQueryAsync();
        }

        await using var server = await StartedServer.StartAsync(options => options with { BackendStoreUri = $"mysql://root@127.0.0.1:{database.Port}/ready" });
        Assert.Equal(200, (await server.GetAsync("/health/ready")).Status);

        await database.KillAsync();
        await WaitForAsync(server, 503);

        Assert.StartsWith("does not answer", (string?)JsonNode.Parse((await server.GetAsync("/health/ready")).Text)!["database"], StringComparison.Ordinal);
        Assert.Equal(200, (await server.GetAsync("/health/live")).Status);
        await database.StartAgainAsync();
        await WaitForAsync(server, 200);
    }

    [Fact]
    public async Task A_server_for_artifacts_alone_asks_no_database()
    {
        await using var server = await StartedServer.StartAsync(options => options with { ArtifactsOnly = true });

        Assert.Equal("""{"status":"ready","artifacts":"ok"}""", (await server.GetAsync("/health/ready")).Text);
    }

    private static Task WaitForAsync(StartedServer server, int status) =>
        Wait.UntilAsync(async () => (await server.GetAsync("/health/ready")).Status == status, () => $"/health/ready never answered {status}.");
}
