using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.GarbageCollection;

public sealed class GcRoundTests
{
    [Fact]
    public async Task A_server_collects_by_itself_when_it_is_told_to()
    {
        await using var server = await GcServer.StartAsync(
            options => options with { GcInterval = Age.Parse("0.1s"), GcRetention = Age.Parse("0s"), EnableWorkspaces = true });
        var run = await server.CreateRunAsync("0", "f");
        await server.DeleteRunAsync(run.Id);

        await Wait.UntilAsync(async () => await server.CountAsync("runs") == 0, () => "The run is still there.");

        Assert.False(Directory.Exists(run.Folder));
    }

    [Fact]
    public async Task What_is_young_can_be_restored_and_without_an_interval_nothing_is_collected()
    {
        await using var server = await GcServer.StartAsync(options => options with { GcRetention = Age.Parse("0s") });
        var run = await server.CreateRunAsync("0", "f");
        await server.DeleteRunAsync(run.Id);
        await server.Rounds.WaitAsync(TimeSpan.FromSeconds(60));

        await server.PostAsync("runs/restore", new { run_id = run.Id });

        Assert.Equal(0, await server.CountAsync("mr_leases", "name = 'gc'"));
    }

    [Fact]
    public async Task A_workspace_is_collected_alone_or_with_all_others()
    {
        await using var server = await GcServer.StartAsync(options => options with { EnableWorkspaces = true });
        await server.PostAsync("/api/3.0/mlflow/workspaces", new { name = "team" });
        var team = (string)(await server.PostAsync("experiments/create", new { name = "t" }, "team"))["experiment_id"]!;
        var mine = await server.CreateExperimentAsync("d");
        await server.PostAsync("experiments/delete", new { experiment_id = team }, "team");
        await server.PostAsync("experiments/delete", new { experiment_id = mine });

        var (code, output, errors) = await server.RunAsync("--workspace", "team", "--dry-run");
        Assert.True(code == 0, errors);
        Assert.Contains($"Experiment with ID {team} would be", output, StringComparison.Ordinal);
        Assert.DoesNotContain($"Experiment with ID {mine} would be", output, StringComparison.Ordinal);
        await server.CollectAsync();
        Assert.Equal(1, await server.CountAsync("experiments", $"experiment_id = {team}"));
        Assert.Equal(2, (await server.RunAsync("--workspace", "team", "--all-workspaces")).Code);
        Assert.Equal(0, (await server.RunAsync("--all-workspaces")).Code);
        Assert.Equal(1, await server.CountAsync("experiments"));
    }
}
