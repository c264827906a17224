using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Tracking;

public sealed class ExperimentTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task The_default_experiment_is_there_from_the_start()
    {
        var answer = await server.GetAsync("experiments/get?experiment_id=0");

        Assert.Equal("0", (string?)answer.Json["experiment"]!["experiment_id"]);
        Assert.Equal("mlflow-artifacts:/0", (string?)answer.Json["experiment"]!["artifact_location"]);
        Assert.True(long.Parse(await server.NewExperimentAsync()) > 0);
    }

    [Fact]
    public async Task Ids_increase()
    {
        var first = long.Parse(await server.NewExperimentAsync());
        var second = long.Parse(await server.NewExperimentAsync());

        Assert.True(second > first);
    }

    [Fact]
    public async Task A_new_experiment_has_its_tags_and_a_place_below_the_default_root()
    {
        var name = TrackingCalls.UniqueName();
        var id = (string)(await server.DoAsync("experiments/create", new { name, tags = new[] { new { key = "a,b", value = "x" } } }))["experiment_id"]!;

        var experiment = (await server.GetAsync($"experiments/get-by-name?experiment_name={name}")).Json["experiment"]!;

        Assert.Equal(id, (string?)experiment["experiment_id"]);
        Assert.Equal($"mlflow-artifacts:/{id}", (string?)experiment["artifact_location"]);
        Assert.Equal("active", (string?)experiment["lifecycle_stage"]);
        Assert.Equal((long?)experiment["creation_time"], (long?)experiment["last_update_time"]);
        Assert.Equal("a,b", (string?)experiment["tags"]![0]!["key"]);
    }

    [Fact]
    public async Task A_name_is_taken_also_by_a_deleted_experiment()
    {
        var name = TrackingCalls.UniqueName();
        var id = (string)(await server.DoAsync("experiments/create", new { name }))["experiment_id"]!;
        await server.DoAsync("experiments/delete", new { experiment_id = id });

        var answer = await server.PostAsync("experiments/create", new { name });

        Assert.Equal(400, answer.Status);
        Assert.Equal("RESOURCE_ALREADY_EXISTS", answer.ErrorCode);
        Assert.StartsWith($"Experiment(name={name}) already exists.", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("experiments/get?experiment_id=x", 400, "Invalid experiment ID 'x'. Experiment ID must be a valid integer.")]
    [InlineData("experiments/get?experiment_id=99999", 404, "No Experiment with id=99999 exists")]
    [InlineData("experiments/get-by-name?experiment_name=nope", 404, "Could not find experiment with name 'nope'")]
    public async Task An_unknown_experiment_is_answered_in_MLflows_words(string path, int status, string message)
    {
        var answer = await server.GetAsync(path);

        Assert.Equal(status, answer.Status);
        Assert.Equal(message, answer.Message);
    }

    [Fact]
    public async Task Deleting_takes_the_runs_along_and_restoring_brings_all_of_them_back()
    {
        var experiment = await server.NewExperimentAsync();
        var kept = await server.NewRunAsync(experiment);
        var deletedBefore = await server.NewRunAsync(experiment);
        await server.DoAsync("runs/delete", new { run_id = deletedBefore });

        await server.DoAsync("experiments/delete", new { experiment_id = experiment });
        Assert.Equal("deleted", (string?)(await server.GetRunAsync(kept))["info"]!["lifecycle_stage"]);
        Assert.Equal(404, (await server.PostAsync("experiments/delete", new { experiment_id = experiment })).Status);

        await server.DoAsync("experiments/restore", new { experiment_id = experiment });
        Assert.Equal("active", (string?)(await server.GetRunAsync(kept))["info"]!["lifecycle_stage"]);
        Assert.Equal("active", (string?)(await server.GetRunAsync(deletedBefore))["info"]!["lifecycle_stage"]);
        Assert.Equal(404, (await server.PostAsync("experiments/restore", new { experiment_id = experiment })).Status);
    }

    [Fact]
    public async Task A_deleted_experiment_takes_no_writes()
    {
        var experiment = await server.NewExperimentAsync();
        await server.DoAsync("experiments/delete", new { experiment_id = experiment });

        var rename = await server.PostAsync("experiments/update", new { experiment_id = experiment, new_name = TrackingCalls.UniqueName() });
        var tag = await server.PostAsync("experiments/set-experiment-tag", new { experiment_id = experiment, key = "k", value = "v" });
        var run = await server.PostAsync("runs/create", new { experiment_id = experiment });

        Assert.Equal((500, "INVALID_STATE", "Cannot rename a non-active experiment."), (rename.Status, rename.ErrorCode, rename.Message));
        var refusal = $"The experiment {experiment} must be in the 'active' state. Current state is deleted.";
        Assert.Equal((400, refusal), (tag.Status, tag.Message));
        Assert.Equal((400, refusal), (run.Status, run.Message));
    }

    [Fact]
    public async Task A_rename_onto_a_taken_name_is_a_bad_request()
    {
        var experiment = await server.NewExperimentAsync();

        var answer = await server.PostAsync("experiments/update", new { experiment_id = experiment, new_name = "Default" });

        Assert.Equal((400, "BAD_REQUEST"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task Tags_are_set_replaced_and_deleted()
    {
        var experiment = await server.NewExperimentAsync();
        await server.DoAsync("experiments/set-experiment-tag", new { experiment_id = experiment, key = "k", value = "1" });
        await server.DoAsync("experiments/set-experiment-tag", new { experiment_id = experiment, key = "k", value = "2" });

        var tags = (await server.GetAsync($"experiments/get?experiment_id={experiment}")).Json["experiment"]!["tags"]!.AsArray();
        Assert.Equal("2", (string?)Assert.Single(tags)!["value"]);

        await server.DoAsync("experiments/delete-experiment-tag", new { experiment_id = experiment, key = "k" });
        var again = await server.PostAsync("experiments/delete-experiment-tag", new { experiment_id = experiment, key = "k" });
        Assert.Equal((404, $"No tag with name: k in experiment with id {experiment}"), (again.Status, again.Message));
    }

    [Fact]
    public async Task Racing_creations_of_one_name_give_one_experiment()
    {
        var name = TrackingCalls.UniqueName();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => server.PostAsync("experiments/create", new { name })));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.Equal("RESOURCE_ALREADY_EXISTS", answer.ErrorCode));
    }
}
