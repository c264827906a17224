using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using Xunit;
using static ModelRegistry.Tests.Tracking.TrackingSteps;

namespace ModelRegistry.Tests.Tracking;

public sealed class InputTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string SearchDatasets = "/ajax-api/2.0/mlflow/experiments/search-datasets";

    [Fact]
    public async Task A_dataset_keeps_its_first_source_and_a_link_its_first_tags()
    {
        var run = await server.NewRunAsync();
        await LogDatasetAsync(run, "wine", "d1", "first", "training");
        await LogDatasetAsync(run, "wine", "d1", "second", "again");

        var inputs = (await GetRunAsync(run))["inputs"]!["dataset_inputs"]!.AsArray();

        var input = Assert.Single(inputs)!;
        Assert.Equal("first", (string?)input["dataset"]!["source"]);
        Assert.Equal(["training"], Pluck<string>(input["tags"], "value"));
    }

    [Fact]
    public async Task Runs_of_one_experiment_share_a_dataset_and_tag_it_on_their_own()
    {
        var experiment = await server.NewExperimentAsync();
        var (one, two) = (await server.NewRunAsync(experiment), await server.NewRunAsync(experiment));
        await LogDatasetAsync(one, "wine", "d1", "first", "train");
        await LogDatasetAsync(two, "wine", "d1", "second", "eval");

        var other = (await GetRunAsync(two))["inputs"]!["dataset_inputs"]![0]!;
        var summaries = await OkAsync(server.PostAsync(SearchDatasets, new { experiment_ids = new[] { experiment } }));

        Assert.Equal("first", (string?)other["dataset"]!["source"]);
        Assert.Equal("eval", (string?)other["tags"]![0]!["value"]);
        Assert.Equal(["eval", "train"], Pluck<string>(summaries["dataset_summaries"], "context"));
    }

    [Fact]
    public async Task Models_read_and_made_come_back_with_the_run()
    {
        var run = await server.NewRunAsync();
        await OkAsync(server.PostAsync("runs/log-inputs", new { run_id = run, models = new[] { new { model_id = "m-in" }, new { model_id = "m-in" } } }));
        await OkAsync(server.PostAsync("runs/outputs", new { run_id = run, models = new[] { new { model_id = "m-out", step = 3 } } }));

        var body = await GetRunAsync(run);

        Assert.Equal(["m-in"], Pluck<string>(body["inputs"]!["model_inputs"], "model_id"));
        Assert.Equal("""[{"model_id":"m-out","step":3}]""", body["outputs"]!["model_outputs"]!.ToJsonString());
    }

    [Fact]
    public async Task The_same_output_cannot_be_logged_twice()
    {
        var run = await server.NewRunAsync();
        var body = new { run_id = run, models = new[] { new { model_id = "m-out", step = 0 } } };
        await OkAsync(server.PostAsync("runs/outputs", body));

        var again = await server.PostAsync("runs/outputs", body);

        Assert.Equal(400, again.Status);
        Assert.Equal("BAD_REQUEST", again.ErrorCode);
    }

    [Theory]
    [InlineData("name", 500)]
    [InlineData("digest", 36)]
    [InlineData("source", 65_535)]
    [InlineData("schema", 1_048_575)]
    public async Task Parts_of_a_dataset_have_a_greatest_length(string part, int limit)
    {
        var run = await server.NewRunAsync();
        var dataset = new JsonObject { ["name"] = "n", ["digest"] = "d", ["source_type"] = "t", ["source"] = "s" };
        dataset[part] = new string('x', limit + 1);

        var answer = await server.PostAsync("runs/log-inputs", new { run_id = run, datasets = new[] { new { dataset } } });

        Assert.Equal("INVALID_PARAMETER_VALUE", answer.ErrorCode);
        Assert.Equal($"'{part}' exceeds the maximum length of {limit} characters", answer.Message);
    }

    [Fact]
    public async Task Tags_of_inputs_have_a_greatest_length()
    {
        var run = await server.NewRunAsync();
        var tags = new[] { new { key = "k", value = new string('x', 501) } };

        var answer = await server.PostAsync("runs/log-inputs", new { run_id = run, datasets = new[] { new { tags } } });

        Assert.Equal("'value' exceeds the maximum length of 500 characters", answer.Message);
    }

    [Theory]
    [InlineData("runs/log-inputs")]
    [InlineData("runs/outputs")]
    public async Task Unknown_and_deleted_runs_take_nothing(string path)
    {
        var run = await server.NewRunAsync();
        await OkAsync(server.PostAsync("runs/delete", new { run_id = run }));

        var unknown = await server.PostAsync(path, new { run_id = "nosuch", models = Array.Empty<object>() });
        var deleted = await server.PostAsync(path, new { run_id = run, models = Array.Empty<object>() });

        Assert.Equal("Run with id=nosuch not found", unknown.Message);
        Assert.Equal($"The run {run} must be in the 'active' state. Current state is deleted.", deleted.Message);
    }

    [Fact]
    public async Task Datasets_are_listed_for_one_to_twenty_experiments()
    {
        var none = await server.PostAsync(SearchDatasets, new { });
        var many = await server.PostAsync(SearchDatasets, new { experiment_ids = Enumerable.Range(0, 21).Select(id => $"{id}") });

        Assert.Equal("SearchDatasets request must specify at least one experiment_id.", none.Message);
        Assert.Equal("SearchDatasets request cannot specify more than 20 experiment_ids. Received 21 experiment_ids.", many.Message);
    }

    [Theory]
    [InlineData("/api/2.0mlflow/experiments/search-datasets")]
    [InlineData("/ajax-api/2.0mlflow/experiments/search-datasets")]
    public async Task The_paths_that_lack_a_slash_answer_404_with_nothing(string path)
    {
        var answer = await server.PostAsync(path, new { });

        Assert.Equal(404, answer.Status);
        Assert.Equal("", answer.Text);
    }

    private Task<JsonNode> LogDatasetAsync(string run, string name, string digest, string source, string context) =>
        OkAsync(server.PostAsync(
            "runs/log-inputs",
            new
            {
                run_id = run,
                datasets = new[] { new { dataset = new { name, digest, source_type = "http", source }, tags = new[] { new { key = "mlflow.data.context", value = context } } } },
            }));

    private async Task<JsonNode> GetRunAsync(string run) => (await OkAsync(server.GetAsync($"runs/get?run_id={run}")))["run"]!;
}
