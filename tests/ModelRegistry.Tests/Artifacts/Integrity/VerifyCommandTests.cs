using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Integrity;

/// <summary>The command <c>verify</c>, rounds in the background, and a server that is killed at the wrong moment.</summary>
public sealed class VerifyCommandTests
{
    [Fact]
    public async Task The_command_tells_what_is_not_in_order_and_whether_anything_is()
    {
        await using var server = await IntegrityServer.StartAsync();
        await server.CreateVersionAsync(("MLmodel", "x"), ("model.pkl", "0123456789"));
        var options = server.Server.App.Services.GetRequiredService<ServerOptions>();

        Assert.Equal((true, "1 versions verified: 1 ok\n"), await VerifyAsync(options, new VerifyRequest(null, null, Deep: true)));
        await File.WriteAllTextAsync(Path.Combine(server.Folder, "model.pkl"), "012");
        Assert.Equal(
            (false, "changed  m 1: 1 of 2 files changed: model.pkl (3 bytes instead of 10).\n1 versions verified: 1 changed\n"),
            await VerifyAsync(options, new VerifyRequest("m", 1, Deep: false)));
        var refusal = await Assert.ThrowsAsync<StartupException>(() => VerifyAsync(options, new VerifyRequest("m", 7, Deep: false)));
        Assert.Equal("There is no version 7 of a model 'm'.", refusal.Message);
    }

    [Fact]
    public void The_command_line_is_read()
    {
        var all = Assert.IsType<Invocation.Verify>(CommandLine.Parse(["verify"], _ => null));
        var one = Assert.IsType<Invocation.Verify>(
            CommandLine.Parse(["verify", "--model", "m", "--version", "3", "--deep", "--backend-store-uri", "sqlite:///x.db"], _ => null));

        Assert.Equal(new VerifyRequest(null, null, false), all.Request);
        Assert.Equal((new VerifyRequest("m", 3, true), "sqlite:///x.db"), (one.Request, one.Options.BackendStoreUri));
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_not_made()
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(
            () => VerifyAsync(new ServerOptions { BackendStoreUri = "sqlite:////nowhere/x.db" }, new VerifyRequest(null, null, false)));

        Assert.Equal("There is no database '/nowhere/x.db'. Name it with --backend-store-uri.", refusal.Message);
    }

    [Fact]
    public async Task Rounds_in_the_background_show_damage()
    {
        await using var server = await IntegrityServer.StartAsync(
            options => options with { Integrity = new IntegrityOptions { Interval = TimeSpan.FromSeconds(1), Deep = true } });
        await server.CreateVersionAsync(("model.pkl", "0123456789"));
        await UntilAsync(server, "ok");

        await File.WriteAllTextAsync(Path.Combine(server.Folder, "model.pkl"), "9876543210");
        await UntilAsync(server, "changed");

        Assert.Equal("FAILED_REGISTRATION", (await server.ShownAsync()).Status);
    }

    [Fact]
    [Trait("Database", "SQLite")]
    public async Task A_server_killed_between_file_and_record_leaves_a_file_that_is_unknown()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Url };
        var file = Path.Combine(server.ArtifactsFolder, "0", "x");
        await using (var blocker = new SqliteConnection($"Data Source={server.DatabasePath};Pooling=False"))
        {
            await blocker.OpenAsync();
            await using var transaction = blocker.BeginTransaction(deferred: false);
            using var body = new StringContent("content");
            var upload = client.PutAsync(new Uri("/api/2.0/mlflow-artifacts/artifacts/0/x", UriKind.Relative), body);
            await Wait.UntilAsync(() => File.Exists(file), () => "The file did not come.");
            await server.KillAsync();
            await Assert.ThrowsAsync<HttpRequestException>(() => upload);
        }

        await using var check = new SqliteConnection($"Data Source={server.DatabasePath};Pooling=False");
        await check.OpenAsync();
        await using var command = check.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM mr_artifacts";
        Assert.Equal(0L, await command.ExecuteScalarAsync());
        Assert.Equal("content", await File.ReadAllTextAsync(file));
    }

    private static Task UntilAsync(IntegrityServer server, string state) =>
        Wait.UntilAsync(async () => (await server.ShownAsync()).State == state, () => $"The state is not {state}.");

    private static async Task<(bool IsWell, string Text)> VerifyAsync(ServerOptions options, VerifyRequest request)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        var isWell = await VerifyCommand.RunAsync(options, request, output, CancellationToken.None);
        return (isWell, output.ToString());
    }
}
