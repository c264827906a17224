using Xunit;

namespace ModelRegistry.Tests.GarbageCollection;

public sealed class GcCommandTests : IAsyncLifetime
{
    private GcServer server = null!;

    public async Task InitializeAsync() => server = await GcServer.StartAsync();

    public Task DisposeAsync() => server.DisposeAsync().AsTask();

    [Fact]
    public async Task Deleted_runs_logged_models_and_experiments_go_with_their_artifacts_and_nothing_else_does()
    {
        var (kept, dropped) = (await server.CreateExperimentAsync("kept"), await server.CreateExperimentAsync("dropped"));
        var live = await server.CreateRunAsync(kept, "model/MLmodel");
        var dead = await server.CreateRunAsync(kept, "model/MLmodel", "a b%20c#.txt");
        var inside = await server.CreateRunAsync(dropped, "x");
        var liveModel = await server.CreateLoggedModelAsync(kept, live.Id, "MLmodel");
        var deadModel = await server.CreateLoggedModelAsync(kept, live.Id, "MLmodel");
        var insideModel = await server.CreateLoggedModelAsync(dropped, inside.Id, "MLmodel");
        await server.DeleteRunAsync(dead.Id);
        await server.DeleteAsync($"logged-models/{deadModel.Id}");
        await server.PostAsync("experiments/delete", new { experiment_id = dropped });

        var (code, output, errors) = await server.RunAsync();

        Assert.True(code == 0, output + errors);
        Assert.Contains($"Run with ID {dead.Id} has been permanently deleted.", output, StringComparison.Ordinal);
        Assert.Contains($"Logged model with ID {deadModel.Id} has been permanently deleted.", output, StringComparison.Ordinal);
        Assert.Contains($"Experiment with ID {dropped} has been permanently deleted.", output, StringComparison.Ordinal);
        Assert.EndsWith("Deleted 2 runs, 2 logged models, 1 experiment: 5 files with 50 B.", output.TrimEnd(), StringComparison.Ordinal);
        Assert.All([dead.Folder, inside.Folder, deadModel.Folder, insideModel.Folder], folder => Assert.False(Directory.Exists(folder), folder));
        Assert.All([live.Folder + "/model", liveModel.Folder], folder => Assert.True(File.Exists(folder + "/MLmodel"), folder));
        Assert.Equal((1, 1), (await server.CountAsync("runs"), await server.CountAsync("logged_models")));
        Assert.Equal((1, 1), (await server.CountAsync("metrics"), await server.CountAsync("latest_metrics")));
        Assert.Equal((2, 0), (await server.CountAsync("experiments"), await server.CountAsync("mr_purges")));
        Assert.Equal((0, "Nothing to delete."), await server.RunAsync() is var again ? (again.Code, again.Output.Trim()) : default);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_done_and_changes_nothing()
    {
        var experiment = await server.CreateExperimentAsync("e");
        var run = await server.CreateRunAsync(experiment, "a", "b/c");
        var model = await server.CreateLoggedModelAsync(experiment, run.Id, "MLmodel");
        await server.PostAsync("experiments/delete", new { experiment_id = experiment });

        var (code, output, _) = await server.RunAsync("--dry-run");

        Assert.Equal(0, code);
        Assert.Contains($"Run with ID {run.Id} would be permanently deleted: 2 files with 20 B.", output, StringComparison.Ordinal);
        Assert.EndsWith("Would delete 1 run, 1 logged model, 1 experiment: 3 files with 30 B.", output.TrimEnd(), StringComparison.Ordinal);
        Assert.True(File.Exists(run.Folder + "/b/c") && File.Exists(model.Folder + "/MLmodel"));
        Assert.Equal((1, 0), (await server.CountAsync("runs"), await server.CountAsync("mr_purges")));
        await server.PostAsync("experiments/restore", new { experiment_id = experiment });
    }

    [Fact]
    public async Task What_is_missing_or_out_of_reach_does_not_stop_the_rest()
    {
        var experiment = await server.CreateExperimentAsync("e");
        var (gone, far, odd, plain) = (
            await server.CreateRunAsync(experiment), await server.CreateRunAsync(experiment), await server.CreateRunAsync(experiment), await server.CreateRunAsync(experiment, "f"));
        await server.SqlAsync($"UPDATE runs SET artifact_uri = 'hdfs://far/away' WHERE run_uuid = '{far.Id}'");
        await server.SqlAsync($"UPDATE runs SET artifact_uri = 'mlflow-artifacts:/../x' WHERE run_uuid = '{odd.Id}'");
        await server.PostAsync("experiments/delete", new { experiment_id = experiment });

        var (code, output, errors) = await server.RunAsync();

        Assert.Equal(1, code);
        Assert.Contains($"Run with ID {gone.Id} has been permanently deleted.", output, StringComparison.Ordinal);
        Assert.Contains($"Unable to resolve the provided artifact URL: 'mlflow-artifacts:/../x' of run {odd.Id}", errors, StringComparison.Ordinal);
        Assert.Contains($"The artifacts of run {far.Id} at 'hdfs://far/away' cannot be deleted, so it stays", errors, StringComparison.Ordinal);
        Assert.Contains($"Experiment with ID {experiment} stays", errors, StringComparison.Ordinal);
        Assert.EndsWith("1 could not be deleted; run it again when the cause is mended.", output.TrimEnd(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(plain.Folder));
        Assert.Equal((1, 1), (await server.CountAsync("runs"), await server.CountAsync("runs", $"run_uuid = '{far.Id}'")));
    }

    [Fact]
    public async Task A_killed_collection_is_finished_by_the_next_one()
    {
        const int Count = 1200;
        var experiment = await server.CreateExperimentAsync("e");
        var live = await server.CreateRunAsync(experiment, "keep");
        await InsertDeletedRunsAsync(experiment, Count);

        for (var left = Count; left > Count / 2; left = (int)await server.CountAsync("runs") - 1)
        {
            using var process = server.Start();
            await process.StandardOutput.ReadLineAsync(); // The first batch is through.
            process.Kill();
            await process.WaitForExitAsync();
            Assert.Empty(await RunsWithoutRowAsync(experiment));
        }

        var (code, _, errors) = await server.RunAsync();

        Assert.True(code == 0, errors);
        Assert.Equal((1, 0, 1), (await server.CountAsync("runs"), await server.CountAsync("mr_purges"), await server.CountAsync("metrics")));
        Assert.Equal([live.Id], Directory.GetDirectories(Path.Combine(server.Artifacts, experiment)).Where(folder => Directory.Exists(folder + "/artifacts")).Select(Path.GetFileName));
        Assert.True(File.Exists(live.Folder + "/keep"));
    }

    [Theory]
    [InlineData("--older-than", "yesterday", "--older-than: Could not parse any time information from 'yesterday'")]
    [InlineData("--run-ids", "nope", "Run with id=nope not found")]
    [InlineData("--experiment-ids", "77", "No Experiment with id=77 exists")]
    [InlineData("--experiment-ids", "0", "Experiments ['0'] are not in the deleted lifecycle stage.")]
    [InlineData("--logged-model-ids", "m-1", "Logged model with ID 'm-1' not found.")]
    [InlineData("--deleted-versions", "burn", "--deleted-versions must be one of keep, purge, not 'burn'.")]
    [InlineData("--backend-store-uri", "sqlite:////nowhere/at-all.db", "There is no database '/nowhere/at-all.db'")]
    public async Task What_cannot_be_done_is_refused_before_anything_is(string flag, string value, string message)
    {
        var run = await server.CreateRunAsync("0", "f");
        await server.DeleteRunAsync(run.Id);

        var (code, output, errors) = await server.RunAsync(flag, value);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"error: {message}", errors, StringComparison.Ordinal);
        Assert.True(File.Exists(run.Folder + "/f"));
    }

    private async Task InsertDeletedRunsAsync(string experiment, int count)
    {
        foreach (var chunk in Enumerable.Range(0, count).Select(_ => Guid.NewGuid().ToString("n")).Chunk(200))
        {
            await server.SqlAsync(
                "INSERT INTO runs (run_uuid, experiment_id, status, lifecycle_stage, deleted_time, artifact_uri) VALUES "
                + string.Join(',', chunk.Select(id => $"('{id}', {experiment}, 'FINISHED', 'deleted', 1, 'mlflow-artifacts:/{experiment}/{id}/artifacts')")));
            await server.SqlAsync(
                "INSERT INTO metrics (\"key\", value, timestamp, run_uuid, step, is_nan) VALUES "
                + string.Join(',', chunk.SelectMany(id => Enumerable.Range(0, 20).Select(step => $"('m', 1, 1, '{id}', {step}, 0)"))));
            foreach (var folder in chunk.Select(id => Path.Combine(server.Artifacts, experiment, id, "artifacts")))
            {
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(Path.Combine(folder, "f"), "x");
            }
        }
    }

    /// <summary>Artifacts that no collection would find any more.</summary>
    private async Task<List<string>> RunsWithoutRowAsync(string experiment)
    {
        var lost = new List<string>();
        foreach (var folder in Directory.GetDirectories(Path.Combine(server.Artifacts, experiment)).Where(folder => Directory.Exists(folder + "/artifacts")))
        {
            if (await server.CountAsync("runs", $"run_uuid = '{Path.GetFileName(folder)}'") == 0)
                lost.Add(folder);
        }

        return lost;
    }
}
