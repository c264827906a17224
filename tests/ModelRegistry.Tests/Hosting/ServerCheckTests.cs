using ModelRegistry.Server;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Hosting;

/// <summary><c>serve --check</c>.</summary>
public sealed class ServerCheckTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_check_of_what_is_well_says_so_and_leaves_nothing_behind()
    {
        var options = await OptionsAsync();

        var (isWell, text) = await CheckAsync(options);

        Assert.True(isWell, text);
        Assert.Contains("ok    database", text, StringComparison.Ordinal);
        Assert.Contains("wrote, read, listed and deleted a file", text, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(options.ArtifactsDestination));
        Assert.False(File.Exists(Path.Combine(folder.FullName, "mlflow.db")));
    }

    [Fact]
    public async Task A_check_tells_what_the_start_would_do_to_the_database()
    {
        var options = await OptionsAsync();
        if (TestDatabase.IsMariaDb)
            Assert.Contains("no MLflow schema yet", (await CheckAsync(options)).Text, StringComparison.Ordinal);
        (await Databases.OpenAsync(options, CancellationToken.None)).Dispose();

        Assert.Contains("MLflow schema 7d34483879f0, up to date", (await CheckAsync(options)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_finds_a_database_folder_that_is_not_there_and_an_artifact_folder_that_cannot_be_one()
    {
        var blocked = Path.Combine(folder.FullName, "file");
        await File.WriteAllTextAsync(blocked, "");

        var (isWell, text) = await CheckAsync(new ServerOptions { BackendStoreUri = "sqlite:////nowhere/x.db", ArtifactsDestination = blocked });

        Assert.False(isWell);
        Assert.Contains("FAIL  database: The folder of the database '/nowhere/x.db' does not exist.", text, StringComparison.Ordinal);
        Assert.Contains("FAIL  artifacts: The artifact folder", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_knows_it() =>
        Assert.IsType<Invocation.Check>(CommandLine.Parse(["serve", "--check"], _ => null));

    private async Task<ServerOptions> OptionsAsync() => new()
    {
        BackendStoreUri = (await TestDatabase.CreateAsync(folder.FullName)).Uri,
        ArtifactsDestination = Path.Combine(folder.FullName, "artifacts"),
    };

    private static async Task<(bool IsWell, string Text)> CheckAsync(ServerOptions options)
    {
        await using var output = new StringWriter();
        var isWell = await ServerCheck.RunAsync(options, output, CancellationToken.None);
        return (isWell, output.ToString());
    }
}
