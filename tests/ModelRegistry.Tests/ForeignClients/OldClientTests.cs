using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.ForeignClients;

/// <summary>Calls of the 1.x and 2.x clients that MLflow has dropped since.</summary>
public sealed class OldClientTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Preview = "/api/2.0/preview/mlflow/";

    [Fact]
    public async Task The_registry_of_the_1x_line_is_below_preview()
    {
        var name = TrackingCalls.UniqueName("model");
        await server.SucceedAsync("POST", Preview + "registered-models/create", $$"""{"name": "{{name}}"}""");
        await server.SucceedAsync("POST", Preview + "model-versions/create", $$"""{"name": "{{name}}", "source": "s3://b/m"}""");
        await server.SucceedAsync(
            "POST", Preview + "model-versions/transition-stage",
            $$"""{"name": "{{name}}", "version": "1", "stage": "Production", "archive_existing_versions": false}""");

        var model = await server.SucceedAsync("GET", Preview + $"registered-models/get?name={name}");
        var searched = await server.SucceedAsync("GET", Preview + $"registered-models/search?filter=name%3D%27{name}%27");
        var latest = await server.SucceedAsync("GET", Preview + $"registered-models/get-latest-versions?name={name}&stages=Production");
        var versions = await server.SucceedAsync("GET", Preview + $"model-versions/search?filter=name%3D%27{name}%27");
        var version = await server.SucceedAsync("GET", Preview + $"model-versions/get?name={name}&version=1");

        Assert.Equal(name, (string?)model["registered_model"]!["name"]);
        Assert.Equal([name], searched.Names("registered_models"));
        Assert.Equal(["1"], latest.Names("model_versions", "version"));
        Assert.Equal(["1"], versions.Names("model_versions", "version"));
        Assert.Equal("Production", (string?)version["model_version"]!["current_stage"]);
    }

    [Fact]
    public async Task Tracking_of_the_1x_line_is_below_preview_too()
    {
        var created = await server.SucceedAsync("POST", Preview + "experiments/create", $$"""{"name": "{{TrackingCalls.UniqueName()}}"}""");
        var run = await server.SucceedAsync("POST", Preview + "runs/create", $$"""{"experiment_id": "{{created["experiment_id"]}}"}""");
        await server.SucceedAsync("POST", Preview + "runs/log-parameter", $$"""{"run_uuid": "{{run["run"]!["info"]!["run_uuid"]}}", "key": "k", "value": "v"}""");

        var found = await server.SucceedAsync("POST", Preview + "runs/search", $$"""{"experiment_ids": ["{{created["experiment_id"]}}"]}""");

        Assert.Equal("v", found["runs"]![0]!.Values("params")["k"]);
    }

    [Fact]
    public async Task Models_and_experiments_are_listed_page_by_page()
    {
        await server.NewModelAsync();
        await server.NewModelAsync();
        await server.NewExperimentAsync();

        foreach (var (call, list) in (IEnumerable<(string, string)>)[("registered-models/list", "registered_models"), ("experiments/list", "experiments")])
        {
            var first = await server.SucceedAsync("GET", $"{call}?max_results=1");
            var second = await server.SucceedAsync("GET", $"{call}?max_results=1&page_token={Uri.EscapeDataString((string)first["next_page_token"]!)}");
            Assert.NotEqual(first.Names(list).Single(), second.Names(list).Single());
        }
    }

    [Fact]
    public async Task Deleted_experiments_are_listed_when_asked_for()
    {
        var experiment = await server.NewExperimentAsync();
        await server.SucceedAsync("POST", "experiments/delete", $$"""{"experiment_id": "{{experiment}}"}""");

        var active = await server.SucceedAsync("GET", "experiments/list");
        var deleted = await server.SucceedAsync("GET", "experiments/list?view_type=DELETED_ONLY");

        Assert.DoesNotContain(experiment, active.Names("experiments", "experiment_id"));
        Assert.Contains(experiment, deleted.Names("experiments", "experiment_id"));
    }

    [Fact]
    public async Task Runs_may_be_named_by_run_uuid_and_answers_have_both_names()
    {
        var run = await server.NewRunAsync();
        await server.SucceedAsync("POST", "runs/log-metric", $$"""{"run_uuid": "{{run}}", "key": "m", "value": 1.5, "timestamp": 1}""");
        await server.SucceedAsync("POST", "runs/set-tag", $$"""{"run_uuid": "{{run}}", "key": "t", "value": "v"}""");
        await server.SucceedAsync("POST", "runs/update", $$"""{"run_uuid": "{{run}}", "status": "FAILED"}""");
        var history = await server.SucceedAsync("GET", $"metrics/get-history?run_uuid={run}&metric_key=m&max_results=5");

        var info = (await server.SucceedAsync("GET", $"runs/get?run_uuid={run}"))["run"]!["info"]!;

        Assert.Single(history["metrics"]!.AsArray());
        Assert.Equal((run, run, "FAILED"), ((string?)info["run_id"], (string?)info["run_uuid"], (string?)info["status"]));
    }

    [Fact]
    public async Task Latest_versions_are_read_with_get_and_with_post()
    {
        var name = await server.NewModelAsync(versions: 2);

        var read = await server.SucceedAsync("GET", $"registered-models/get-latest-versions?name={name}");
        var posted = await server.SucceedAsync("POST", "registered-models/get-latest-versions", $$"""{"name": "{{name}}", "stages": ["None"]}""");

        Assert.Equal(["2"], read.Names("model_versions", "version"));
        Assert.Equal(["2"], posted.Names("model_versions", "version"));
    }

    [Fact]
    public async Task The_version_is_plain_text_and_starts_with_a_number()
    {
        var answer = await server.RequestAsync("GET", "/version");

        Assert.Equal(200, answer.Status);
        Assert.Matches(@"^\d+\.\d+\.\d+$", answer.Text);
    }
}
