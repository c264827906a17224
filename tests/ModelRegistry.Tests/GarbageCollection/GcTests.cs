using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.GarbageCollection;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.GarbageCollection;

public sealed class GcTests : IAsyncLifetime
{
    private GcServer server = null!;

    public async Task InitializeAsync() => server = await GcServer.StartAsync();

    public Task DisposeAsync() => server.DisposeAsync().AsTask();

    [Fact]
    public async Task Only_what_was_deleted_long_enough_ago_goes()
    {
        var experiment = await server.CreateExperimentAsync("e");
        var (old, young) = (await server.CreateRunAsync(experiment, "f"), await server.CreateRunAsync(experiment, "f"));
        await server.DeleteRunAsync(old.Id);
        await server.DeleteRunAsync(young.Id);
        await server.SqlAsync($"UPDATE runs SET deleted_time = deleted_time - 7200000 WHERE run_uuid = '{old.Id}'");

        var report = await server.CollectAsync(new GcRequest { OlderThan = Age.Parse("1h59m") });

        Assert.Equal((1, 1), (report.Of(Kind.Run), await server.CountAsync("runs")));
        Assert.True(File.Exists(young.Folder + "/f"));
        var refused = await Assert.ThrowsAsync<ModelRegistry.Server.Errors.StartupException>(
            () => server.CollectAsync(new GcRequest { OlderThan = Age.Parse("1d"), RunIds = [young.Id] }));
        Assert.Equal($"Run {young.Id} is not older than the required age. Only runs older than 1d can be deleted.", refused.Message);
        await server.PostAsync("runs/restore", new { run_id = young.Id });
    }

    [Fact]
    public async Task Named_runs_alone_go_and_the_others_stay()
    {
        var (named, other) = (await server.CreateRunAsync("0", "f"), await server.CreateRunAsync("0", "f"));
        await server.DeleteRunAsync(named.Id);
        await server.DeleteRunAsync(other.Id);

        await server.CollectAsync(new GcRequest { RunIds = [named.Id] });

        Assert.Equal(1, await server.CountAsync("runs", $"run_uuid = '{other.Id}'"));
        Assert.Equal((1, true), (await server.CountAsync("runs"), File.Exists(other.Folder + "/f")));
    }

    [Fact]
    public async Task An_experiment_goes_with_its_traces_scorers_and_datasets()
    {
        var experiment = await server.CreateExperimentAsync("e");
        await server.PostAsync(
            "/api/3.0/mlflow/traces",
            new
            {
                trace = new
                {
                    trace_info = new
                    {
                        trace_id = "tr-1", state = "OK", request_time = "2026-01-01T00:00:00Z", tags = new { a = "b" },
                        trace_location = new { type = "MLFLOW_EXPERIMENT", mlflow_experiment = new { experiment_id = experiment } },
                    },
                },
            });
        var trace = server.FolderOf((string)(await server.SqlAsync("SELECT value FROM trace_tags WHERE \"key\" = 'mlflow.artifactLocation'"))!);
        Directory.CreateDirectory(trace);
        await File.WriteAllTextAsync(trace + "/traces.json", "{}");
        await server.PostAsync("experiments/set-experiment-tag", new { experiment_id = experiment, key = "k", value = "v" });
        await server.PostAsync("experiments/delete", new { experiment_id = experiment });

        var report = await server.CollectAsync();

        Assert.Equal((1, 1, 1, 0), (report.Of(Kind.Experiment), report.Of(Kind.Trace), report.Files, report.Failures));
        Assert.False(Directory.Exists(trace));
        Assert.Equal((1, 0, 0), (await server.CountAsync("experiments"), await server.CountAsync("trace_info"), await server.CountAsync("trace_tags")));
        Assert.Equal(0, await server.CountAsync("experiment_tags"));
    }

    [Fact]
    public async Task An_experiment_with_a_run_that_was_restored_stays()
    {
        var experiment = await server.CreateExperimentAsync("e");
        var run = await server.CreateRunAsync(experiment, "f");
        await server.PostAsync("experiments/delete", new { experiment_id = experiment });
        await server.PostAsync("runs/restore", new { run_id = run.Id });
        var lines = new Lines();

        var report = await server.CollectAsync(output: lines);

        Assert.Equal((0, 1), (report.Of(Kind.Experiment), await server.CountAsync("runs")));
        Assert.StartsWith($"Experiment with ID {experiment} stays", Assert.Single(lines.Warnings), StringComparison.Ordinal);
        Assert.True(File.Exists(run.Folder + "/f"));
        await server.PostAsync("experiments/restore", new { experiment_id = experiment });
    }

    [Fact]
    public async Task What_is_being_deleted_for_good_cannot_be_restored()
    {
        var experiment = await server.CreateExperimentAsync("e");
        var (claimed, other) = (await server.CreateRunAsync(experiment), await server.CreateRunAsync(experiment));
        await server.PostAsync("experiments/delete", new { experiment_id = experiment });
        await server.SqlAsync($"INSERT INTO mr_purges (kind, id, begin_time) VALUES ('run', '{claimed.Id}', 1)");

        var (status, text) = await server.SendAsync(HttpMethod.Post, "runs/restore", new { run_id = claimed.Id });
        await server.PostAsync("experiments/restore", new { experiment_id = experiment });

        Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST"), (status, (string?)JsonNode.Parse(text)!["error_code"]));
        Assert.Equal(1, await server.CountAsync("runs", "lifecycle_stage = 'active'"));
        Assert.Equal(1, await server.CountAsync("runs", $"lifecycle_stage = 'active' AND run_uuid = '{other.Id}'"));
        await server.PostAsync("experiments/delete", new { experiment_id = experiment });
        await server.SqlAsync($"INSERT INTO mr_purges (kind, id, begin_time) VALUES ('experiment', '{experiment}', 1)");
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Post, "experiments/restore", new { experiment_id = experiment })).Status);
        await server.CollectAsync();
        Assert.Equal((0, 1, 0), (await server.CountAsync("runs"), await server.CountAsync("experiments"), await server.CountAsync("mr_purges")));
    }

    [Fact]
    public async Task Writers_and_a_collection_do_not_harm_each_other()
    {
        var experiment = await server.CreateExperimentAsync("e");
        var live = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(_ => WriteAsync(experiment, live, stop.Token)).ToArray();
        var collected = 0;
        while (collected < 60)
            collected += (await server.CollectAsync()).Of(Kind.Run);
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        await server.CollectAsync();

        Assert.Equal((live.Count, live.Count), (await server.CountAsync("runs"), await server.CountAsync("metrics")));
        Assert.All(live, folder => Assert.True(File.Exists(folder + "/f"), folder));
    }

    [Fact]
    public async Task Jobs_that_have_ended_go_when_they_are_asked_for()
    {
        await server.SqlAsync(
            "INSERT INTO jobs (id, creation_time, job_name, params, status, retry_count, last_update_time) VALUES "
            + "('a', 1, 'j', '{}', 2, 0, 1), ('b', 1, 'j', '{}', 1, 0, 1), ('c', 1, 'j', '{}', 3, 0, 1)");

        Assert.Equal(0, (await server.CollectAsync()).Of(Kind.Job));
        Assert.Equal(2, (await server.CollectAsync(new GcRequest { Jobs = true, DryRun = true })).Of(Kind.Job));
        Assert.Equal(1, (await server.CollectAsync(new GcRequest { JobIds = ["c", "b"] })).Of(Kind.Job));
        Assert.Equal(1, (await server.CollectAsync(new GcRequest { Jobs = true, OlderThan = Age.Parse("1h") })).Of(Kind.Job));
        Assert.Equal(1, await server.CountAsync("jobs", "id = 'b'"));
    }

    [Fact]
    public async Task Partial_files_of_nobody_go_when_they_are_old()
    {
        var folder = Directory.CreateDirectory(Path.Combine(server.Artifacts, ".mr-partial")).FullName;
        foreach (var (name, hours) in new[] { ("old", 3), ("young", 0), ("locked", 3) })
        {
            await File.WriteAllTextAsync($"{folder}/m.{name}.partial", "0123456789");
            File.SetLastWriteTimeUtc($"{folder}/m.{name}.partial", DateTime.UtcNow.AddHours(-hours));
        }

        using var locked = File.Open($"{folder}/m.locked.partial", FileMode.Open, FileAccess.ReadWrite, FileShare.Delete);
        var request = new GcRequest { UnfinishedUploads = Age.Parse("2h") };

        Assert.Equal(1, (await server.CollectAsync(request with { DryRun = true })).Of(Kind.Upload));
        Assert.True(File.Exists($"{folder}/m.old.partial"));
        Assert.Equal((1, 10), await server.CollectAsync(request) is var report ? (report.Of(Kind.Upload), report.Bytes) : default);
        Assert.Equal(["m.locked.partial", "m.young.partial"], Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private async Task WriteAsync(string experiment, ConcurrentBag<string> live, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var run = await server.CreateRunAsync(experiment, "f");
            if (i % 3 == 0)
            {
                live.Add(run.Folder);
                continue;
            }

            await server.DeleteRunAsync(run.Id);

            // Either it comes back with its file, or it is gone.
            if (i % 3 == 1 && (await server.SendAsync(HttpMethod.Post, "runs/restore", new { run_id = run.Id })).Status == 200)
                live.Add(run.Folder);
        }
    }
}
