using ModelRegistry.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Integrity;

/// <summary>Versions whose files are in a folder of this machine that clients name themselves.</summary>
public sealed class LocalSourceTests : IAsyncLifetime
{
    private IntegrityServer server = null!;
    private string run = "";

    private string RunFolder => Path.Combine(server.Server.Home, "direct", run, "artifacts");

    public async Task InitializeAsync()
    {
        server = await IntegrityServer.StartAsync();
        var experiment = await server.PostAsync("experiments/create", new { name = "direct", artifact_location = $"file://{server.Server.Home}/direct" });
        var created = await server.PostAsync("runs/create", new { experiment_id = (string)experiment["experiment_id"]! });
        run = (string)created["run"]!["info"]!["run_id"]!;
        Directory.CreateDirectory(Path.Combine(RunFolder, "model"));
        await File.WriteAllTextAsync(Path.Combine(RunFolder, "model", "x"), "its own");
        await server.PostAsync("registered-models/create", new { name = "m" });
        await server.PostAsync("model-versions/create", new { name = "m", source = $"file://{RunFolder}/model", run_id = run });
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Files_of_the_run_are_sent_and_verified()
    {
        Assert.Equal((200, "its own"), await DownloadAsync("x"));
        Assert.Equal("ok", (await server.VerifyAsync(deep: true)).State);
    }

    [Fact]
    public async Task A_link_that_was_laid_later_leads_nowhere()
    {
        var secret = Directory.CreateDirectory(Path.Combine(server.Server.Home, "secret"));
        await File.WriteAllTextAsync(Path.Combine(secret.FullName, "x"), "secret");
        Directory.Delete(Path.Combine(RunFolder, "model"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(RunFolder, "model"), secret.FullName);

        var (status, text) = await DownloadAsync("x");

        Assert.Equal(400, status);
        Assert.Contains("has to be within the artifact directory of the run", text, StringComparison.Ordinal);
        Assert.Equal("unknown", (await server.VerifyAsync(deep: true)).State);
    }

    [Theory]
    [InlineData("UPDATE model_versions SET storage_location = '/etc'", "hostname")]
    [InlineData("UPDATE model_versions SET run_id = ''", "x")]
    public async Task A_source_that_the_database_has_from_elsewhere_is_refused(string sql, string file)
    {
        var stores = server.Server.App.Services.GetRequiredService<Databases>();
        await stores.Registry.WriteAsync(scope => scope.ExecuteAsync(sql), CancellationToken.None);

        Assert.Equal(400, (await DownloadAsync(file)).Status);
    }

    private Task<(int Status, string Text)> DownloadAsync(string path) =>
        server.Server.GetAsync($"/model-versions/get-artifact?name=m&version=1&path={path}");
}
