using System.Diagnostics;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Tests.Artifacts;
using Xunit;

namespace ModelRegistry.Tests.GarbageCollection;

/// <summary>The command <c>gc</c> on artifacts in a bucket, as a process beside the server.</summary>
public abstract class BucketGcTests(BucketServer server)
{
    private static readonly TimeSpan ProcessLimit = TimeSpan.FromMinutes(5);

    [StoreFact]
    public async Task What_was_deleted_goes_from_the_bucket_and_what_something_live_points_at_stays()
    {
        var experiment = (string)(await PostAsync("experiments/create", new { name = $"e-{Guid.NewGuid():n}" }))["experiment_id"]!;
        var live = await CreateRunAsync(experiment, "model/MLmodel", "plot é.png");
        var dead = await CreateRunAsync(experiment, "model/MLmodel", "d/a b+c&é.txt");
        var lost = await CreateRunAsync(experiment, "gone");
        var shared = await CreateRunAsync(experiment, "model/MLmodel", "model/data/weights", "plot.png");
        var model = (await PostAsync("logged-models", new { experiment_id = experiment, name = "lm", source_run_id = dead }))["model"]!["info"]!;
        await PutAsync($"{experiment}/models/{(string)model["model_id"]!}/artifacts/MLmodel");
        await PostAsync("registered-models/create", new { name = $"m-{experiment}" });
        await PostAsync("model-versions/create", new { name = $"m-{experiment}", source = $"mlflow-artifacts:/{experiment}/{shared}/artifacts/model" });
        foreach (var run in new[] { dead, lost, shared })
            await PostAsync("runs/delete", new { run_id = run });
        await server.Place.Store.DeleteAsync(ArtifactPath.OfKey($"{experiment}/{lost}/artifacts/gone"), default);
        var before = await server.Place.Store.KeysAsync(experiment);

        var trial = await RunAsync("--dry-run");
        Assert.Equal(before, await server.Place.Store.KeysAsync(experiment));
        var done = await RunAsync();

        Assert.True(trial.Code == 0 && done.Code == 0, trial.Errors + done.Errors);
        const string counts = "3 runs: 3 files with 30 B. Kept, because something that is not deleted uses them: 2 files with 20 B.";
        Assert.EndsWith($"Would delete {counts}", trial.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.EndsWith($"Deleted {counts}", done.Output.TrimEnd(), StringComparison.Ordinal);
        string[] left =
        [
            $"{live}/artifacts/model/MLmodel", $"{live}/artifacts/plot é.png", $"{shared}/artifacts/model/MLmodel",
            $"{shared}/artifacts/model/data/weights", $"models/{(string)model["model_id"]!}/artifacts/MLmodel",
        ];
        Assert.Equal(left.Select(key => $"{experiment}/{key}").Order(StringComparer.Ordinal), await server.Place.Store.KeysAsync(experiment));
        Assert.Equal("Nothing to delete.", (await RunAsync()).Output.Trim());
    }

    [StoreFact]
    public async Task Uploads_that_nobody_finished_are_aborted_when_they_are_old_enough()
    {
        var (finished, part) = await server.BeginUploadAsync("orphans", "whole.bin", [1, 2, 3]);
        Assert.Equal(200, (await server.FinishUploadAsync("complete", "orphans", "whole.bin", finished, part)).Status);
        await server.BeginUploadAsync("orphans", "a b&é.bin", new byte[5 << 20], parts: 3);
        await server.BeginUploadAsync("orphans", "other.bin", [1]);

        var young = await RunAsync("--unfinished-uploads", "1h");
        var trial = await RunAsync("--unfinished-uploads", "0s", "--dry-run");
        Assert.Equal(["orphans/a b&é.bin", "orphans/other.bin"], (await server.Place.UnfinishedAsync()).Order(StringComparer.Ordinal));
        var done = await RunAsync("--unfinished-uploads", "0s");

        Assert.Equal("Nothing to delete.", young.Output.Trim());
        Assert.Contains("Unfinished upload of orphans/a b&é.bin would be thrown away.", trial.Output, StringComparison.Ordinal);
        Assert.Contains("Would delete 2 unfinished uploads", trial.Output, StringComparison.Ordinal);
        Assert.Contains("Deleted 2 unfinished uploads", done.Output, StringComparison.Ordinal);
        Assert.Empty(await server.Place.UnfinishedAsync());
        Assert.Equal(["orphans/whole.bin"], await server.Place.Store.KeysAsync("orphans"));
    }

    private async Task<JsonNode> PostAsync(string path, object body)
    {
        var answer = await server.SendAsync(HttpMethod.Post, path, body);
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    /// <summary>A run with these files of ten bytes each.</summary>
    private async Task<string> CreateRunAsync(string experiment, params string[] files)
    {
        var id = (string)(await PostAsync("runs/create", new { experiment_id = experiment, start_time = 1 }))["run"]!["info"]!["run_id"]!;
        foreach (var file in files)
            await PutAsync($"{experiment}/{id}/artifacts/{file}");
        return id;
    }

    private async Task PutAsync(string path)
    {
        using var content = new StringContent("0123456789");
        var escaped = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        using var answer = await server.Client.PutAsync(new Uri($"{ArtifactServer.Proxy}/{escaped}", UriKind.Relative), content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = server.Server.Folder };
        string[] all =
        [
            Path.Combine(AppContext.BaseDirectory, "ModelRegistry.Server.dll"), "gc", "--backend-store-uri", $"sqlite:///{server.Server.DatabasePath}",
            "--artifacts-destination", server.Place.Destination, .. arguments,
        ];
        foreach (var argument in all)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in server.Place.Environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(ProcessLimit);
        return (process.ExitCode, await output, await errors);
    }
}

[Trait("Database", "SQLite")]
public sealed class GcsGcTests(GcsBucketServer server) : BucketGcTests(server), IClassFixture<GcsBucketServer>;

[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class S3GcTests(S3BucketServer server) : BucketGcTests(server), IClassFixture<S3BucketServer>;

[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class AzureGcTests(AzureBucketServer server) : BucketGcTests(server), IClassFixture<AzureBucketServer>;
