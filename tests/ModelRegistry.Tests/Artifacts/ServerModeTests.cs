using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

public sealed class ServerModeTests(ServerModeTests.WithoutProxy server) : IClassFixture<ServerModeTests.WithoutProxy>
{
    [Fact]
    public async Task A_server_for_artifacts_only_moves_files_and_needs_no_database()
    {
        await using var process = await ServerProcess.StartAsync(new() { BackendStoreUri = "sqlite:////nowhere/mlflow.db", Arguments = ["--artifacts-only"] });
        using var client = new HttpClient { BaseAddress = process.Url };
        using var content = new StringContent("x");

        using var upload = await client.PutAsync($"{ArtifactServer.Proxy}/d/x.txt", content);
        using var tracking = await client.GetAsync("/api/2.0/mlflow/experiments/search");

        Assert.Equal("{}", await upload.Content.ReadAsStringAsync());
        Assert.Equal("x", await client.GetStringAsync($"{ArtifactServer.Proxy}/d/x.txt"));
        Assert.Equal(503, (int)tracking.StatusCode);
    }

    [Fact]
    public async Task A_server_that_does_not_serve_artifacts_refuses_the_proxy_and_locations_behind_it()
    {
        var run = await server.PostAsync("runs/create", new { experiment_id = "0" });
        var runId = (string)run.Json["run"]!["info"]!["run_id"]!;

        var upload = await server.SendAsync(HttpMethod.Put, $"{ArtifactServer.Proxy}/d/x.txt");
        var list = await server.GetAsync($"artifacts/list?run_id={runId}");

        Assert.Equal(503, upload.Status);
        Assert.Equal((501, $"Artifacts at 'mlflow-artifacts:/0/{runId}/artifacts' cannot be accessed through this server."), (list.Status, list.Message));
        Assert.False(Directory.Exists(Path.Combine(server.Home, "artifacts")));
    }

    public sealed class WithoutProxy : ServerFixture
    {
        internal override ServerOptions Options => base.Options with { ServeArtifacts = false, DefaultArtifactRoot = "mlflow-artifacts:/" };
    }
}
