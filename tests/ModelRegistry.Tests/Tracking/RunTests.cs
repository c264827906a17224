using System.Text.RegularExpressions;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Tracking;

public sealed partial class RunTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task A_run_without_a_name_gets_one_and_keeps_it_in_its_tag()
    {
        var experiment = await server.NewExperimentAsync();

        var run = (await server.DoAsync("runs/create", new { experiment_id = experiment }))["run"]!;

        var name = (string)run["info"]!["run_name"]!;
        Assert.Matches(GeneratedName(), name);
        Assert.True(name.Length <= 20, name);
        Assert.Equal(name, run.Values("tags")["mlflow.runName"]);
        Assert.Equal("RUNNING", (string?)run["info"]!["status"]);
        Assert.Equal(0, (long?)run["info"]!["start_time"]);
        Assert.Null(run["info"]!["end_time"]);
        Assert.Equal("{}", run["inputs"]!.ToJsonString());
        Assert.Null(run["outputs"]);
    }

    [Fact]
    public async Task A_run_is_read_as_it_was_made()
    {
        var run = await server.NewRunAsync(name: "one", start: 123);

        var read = await server.GetRunAsync(run);

        Assert.Equal(run, (string?)read["info"]!["run_uuid"]);
        Assert.Equal("one", (string?)read["info"]!["run_name"]);
        Assert.Equal(123, (long?)read["info"]!["start_time"]);
        Assert.EndsWith($"/{run}/artifacts", (string?)read["info"]!["artifact_uri"], StringComparison.Ordinal);
        Assert.Equal("{}", read["inputs"]!.ToJsonString());
        Assert.Equal("{}", read["outputs"]!.ToJsonString());
        Assert.Equal(200, (await server.GetAsync($"runs/get?run_uuid={run}")).Status);
    }

    [Fact]
    public async Task Name_and_name_tag_must_agree()
    {
        var experiment = await server.NewExperimentAsync();

        var answer = await server.PostAsync(
            "runs/create", new { experiment_id = experiment, run_name = "a", tags = new[] { new { key = "mlflow.runName", value = "b" } } });

        Assert.Equal(
            "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='a', mlflow.runName='b').",
            answer.Message);
    }

    [Fact]
    public async Task Name_and_name_tag_follow_each_other()
    {
        var run = await server.NewRunAsync(name: "one");

        await server.DoAsync("runs/update", new { run_id = run, run_name = "two" });
        Assert.Equal("two", (await server.GetRunAsync(run)).Values("tags")["mlflow.runName"]);

        await server.DoAsync("runs/set-tag", new { run_id = run, key = "mlflow.runName", value = "three" });
        Assert.Equal("three", (string?)(await server.GetRunAsync(run))["info"]!["run_name"]);

        await server.DoAsync("runs/set-tag", new { run_id = run, key = "mlflow.runName", value = "" });
        await server.DoAsync("runs/update", new { run_id = run, run_name = "" });
        var after = await server.GetRunAsync(run);
        Assert.Equal("three", (string?)after["info"]!["run_name"]);
        Assert.Equal("three", after.Values("tags")["mlflow.runName"]);
    }

    [Fact]
    public async Task An_update_changes_what_it_names_and_nothing_else()
    {
        var run = await server.NewRunAsync(name: "one");

        var finished = await server.DoAsync("runs/update", new { run_id = run, status = "FINISHED", end_time = 999 });
        var unknown = await server.DoAsync("runs/update", new { run_id = run, status = "BOGUS" });
        var byNumber = await server.DoAsync("runs/update", new { run_id = run, status = 4 });
        var zero = await server.DoAsync("runs/update", new { run_uuid = run, end_time = 0 });

        Assert.Equal(("FINISHED", 999), ((string)finished["run_info"]!["status"]!, (long)finished["run_info"]!["end_time"]!));
        Assert.Equal("FINISHED", (string?)unknown["run_info"]!["status"]);
        Assert.Equal("FAILED", (string?)byNumber["run_info"]!["status"]);
        Assert.Null(zero["run_info"]!["end_time"]);
        Assert.Equal("one", (string?)zero["run_info"]!["run_name"]);
    }

    [Fact]
    public async Task A_deleted_run_is_readable_and_refuses_writes_until_it_is_restored()
    {
        var run = await server.NewRunAsync();
        await server.DoAsync("runs/delete", new { run_id = run });
        await server.DoAsync("runs/delete", new { run_id = run });

        Assert.Equal("deleted", (string?)(await server.GetRunAsync(run))["info"]!["lifecycle_stage"]);
        (string, object)[] writes =
        [
            ("runs/update", new { run_id = run, status = "FINISHED" }),
            ("runs/log-metric", new { run_id = run, key = "m", value = 1, timestamp = 1 }),
            ("runs/log-parameter", new { run_id = run, key = "p", value = "1" }),
            ("runs/log-batch", new { run_id = run }),
            ("runs/set-tag", new { run_id = run, key = "t", value = "1" }),
            ("runs/delete-tag", new { run_id = run, key = "t" }),
        ];
        foreach (var (path, body) in writes)
        {
            var answer = await server.PostAsync(path, body);
            Assert.Equal((400, $"The run {run} must be in the 'active' state. Current state is deleted."), (answer.Status, answer.Message));
        }

        await server.DoAsync("runs/restore", new { run_id = run });
        await server.DoAsync("runs/set-tag", new { run_id = run, key = "t", value = "1" });
    }

    [Fact]
    public async Task An_unknown_run_is_not_found()
    {
        var answer = await server.PostAsync("runs/delete", new { run_id = "nope" });

        Assert.Equal((404, "Run with id=nope not found"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Repeated_tags_refuse_a_new_run_and_leave_nothing_behind()
    {
        var experiment = await server.NewExperimentAsync();
        var tags = new[] { new { key = "a", value = "1" }, new { key = "a", value = "2" } };

        var answer = await server.PostAsync("runs/create", new { experiment_id = experiment, tags });

        Assert.Equal((400, "BAD_REQUEST"), (answer.Status, answer.ErrorCode));
        var found = await server.DoAsync("runs/search", new { experiment_ids = new[] { experiment } });
        Assert.Null(found["runs"]);
    }

    [GeneratedRegex("^[a-z]+-[a-z]+-[0-9]{1,4}$")]
    private static partial Regex GeneratedName();
}
