using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.GarbageCollection;

public sealed class LiveReferenceTests : IAsyncLifetime
{
    private GcServer server = null!;
    private string experiment = "";

    public async Task InitializeAsync()
    {
        server = await GcServer.StartAsync();
        experiment = await server.CreateExperimentAsync("e");
    }

    public Task DisposeAsync() => server.DisposeAsync().AsTask();

    [Theory]
    [InlineData("mlflow-artifacts:/{experiment}/{run}/artifacts/model")]
    [InlineData("mlflow-artifacts:/{experiment}/{run}/artifacts/model/")]
    [InlineData("mlflow-artifacts://host:5000/{experiment}/{run}/artifacts/./model")]
    [InlineData("http://models.example/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/model")]
    [InlineData("{folder}/model")]
    [InlineData("file://{folder}/other/../model")]
    [InlineData("runs:/{run}/model")]
    public async Task A_version_keeps_the_files_it_is_made_of(string source)
    {
        var run = await server.CreateRunAsync(experiment, "model/MLmodel", "model/data/weights", "model2/MLmodel", "plot.png");
        await PointAtAsync(source.Replace("{experiment}", experiment, StringComparison.Ordinal).Replace("{run}", run.Id, StringComparison.Ordinal)
            .Replace("{folder}", run.Folder, StringComparison.Ordinal));
        await server.DeleteRunAsync(run.Id);

        var report = await server.CollectAsync();

        Assert.Equal(["model/MLmodel", "model/data/weights"], FilesIn(run.Folder));
        Assert.Equal((2, 20, 2, 20), (report.Files, report.Bytes, report.KeptFiles, report.KeptBytes));
        Assert.Equal((0, 1), (await server.CountAsync("runs"), await server.CountAsync("model_versions")));
    }

    [Theory]
    [InlineData("mlflow-artifacts:/{experiment}")]
    [InlineData("mlflow-artifacts:/")]
    [InlineData("/")]
    [InlineData("{folder}")]
    public async Task A_version_of_a_whole_folder_keeps_everything_in_it(string source)
    {
        var run = await server.CreateRunAsync(experiment, "model/MLmodel", "plot.png");
        await PointAtAsync(source.Replace("{experiment}", experiment, StringComparison.Ordinal).Replace("{folder}", run.Folder, StringComparison.Ordinal));
        await server.DeleteRunAsync(run.Id);

        await server.CollectAsync();

        Assert.Equal(["model/MLmodel", "plot.png"], FilesIn(run.Folder));
    }

    [Fact]
    public async Task A_copy_of_a_version_and_a_version_of_a_logged_model_keep_its_files()
    {
        var model = await server.CreateLoggedModelAsync(experiment, null, "MLmodel", "data/weights");
        await server.CreateVersionAsync("original", $"models:/{model.Id}");
        await server.CreateVersionAsync("copy", "models:/original/1");
        await server.DeleteAsync("model-versions/delete", new { name = "original", version = "1" });
        await server.DeleteAsync($"logged-models/{model.Id}");

        await server.CollectAsync();

        Assert.Equal(["MLmodel", "data/weights"], FilesIn(model.Folder));
        Assert.Equal(0, await server.CountAsync("logged_models"));
    }

    [Fact]
    public async Task A_link_to_the_folder_does_not_hide_what_a_version_points_at()
    {
        var run = await server.CreateRunAsync(experiment, "model/MLmodel", "plot.png");
        var link = Directory.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(server.Artifacts)!, "link"), server.Artifacts);
        await PointAtAsync($"{link.FullName}/{experiment}/{run.Id}/artifacts/model");
        await server.DeleteRunAsync(run.Id);

        await server.CollectAsync();

        Assert.Equal(["model/MLmodel"], FilesIn(run.Folder));
    }

    [Fact]
    public async Task Live_runs_within_a_deleted_one_keep_their_files()
    {
        var outer = await server.CreateRunAsync(experiment, "plot.png");
        var nested = await server.CreateExperimentAsync("nested", $"mlflow-artifacts:/{experiment}/{outer.Id}/artifacts/nested");
        var inner = await server.CreateRunAsync(nested, "f");
        await server.DeleteRunAsync(outer.Id);

        await server.CollectAsync();

        Assert.Equal([$"nested/{inner.Id}/artifacts/f"], FilesIn(outer.Folder));
        await server.DeleteRunAsync(inner.Id);
        await server.CollectAsync();
        Assert.Empty(FilesIn(outer.Folder));
    }

    [Fact]
    public async Task Deleted_versions_keep_their_files_unless_told_otherwise_and_their_numbers_in_any_case()
    {
        var own = await server.CreateVersionAsync("m", $"mlflow-artifacts:/{experiment}/own");
        await server.CreateVersionAsync("m", $"mlflow-artifacts:/{experiment}/shared");
        await server.CreateVersionAsync("m", $"mlflow-artifacts:/{experiment}/shared/deep");
        var foreign = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(server.Artifacts)!, "foreign")).FullName;
        await PointAtAsync(foreign);
        foreach (var folder in new[] { "own", "shared/deep" }.Select(name => Path.Combine(server.Artifacts, experiment, name)).Append(foreign))
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(folder + "/MLmodel", "0123456789");
        }

        foreach (var version in new[] { own, "2", "4" })
            await server.DeleteAsync("model-versions/delete", new { name = "m", version });

        Assert.Equal(0, (await server.CollectAsync()).Files);
        Assert.Equal(0, (await server.CollectAsync(new GcRequest { DeletedVersions = true, OlderThan = Age.Parse("1h") })).Files);
        Assert.Equal(1, (await server.CollectAsync(new GcRequest { DeletedVersions = true, DryRun = true })).Files);
        Assert.Equal(1, (await server.CollectAsync(new GcRequest { DeletedVersions = true })).Files);
        Assert.Equal(0, (await server.CollectAsync(new GcRequest { DeletedVersions = true })).Files);
        Assert.Equal(["shared/deep/MLmodel"], FilesIn(Path.Combine(server.Artifacts, experiment)));
        Assert.Equal(["MLmodel"], FilesIn(foreign));
        Assert.Equal("5", await server.CreateVersionAsync("m", "mlflow-artifacts:/x"));
    }

    /// <summary>Makes a version whose source some server has accepted once.</summary>
    private async Task PointAtAsync(string source)
    {
        var version = await server.CreateVersionAsync("m", "mlflow-artifacts:/elsewhere");
        await server.SqlAsync($"UPDATE model_versions SET source = '{source}', storage_location = '{source}' WHERE name = 'm' AND version = {version}");
    }

    private static IEnumerable<string> FilesIn(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)
            : [];
}
