using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Ui;

/// <summary>What the UI's prompt lab keeps.</summary>
public sealed class PromptLabTests(GraphQlFixture server) : IClassFixture<GraphQlFixture>
{
    private const string Path = "/ajax-api/2.0/mlflow/runs/create-promptlab-run";

    [Fact]
    public async Task An_attempt_becomes_a_finished_run_with_a_model()
    {
        var experiment = await server.CreateExperimentAsync();

        var run = (await server.OkAsync(Path, Attempt(experiment)))["run"]!;

        var info = run["info"]!;
        Assert.Equal(("FINISHED", "lab", "unknown", 123), ((string?)info["status"], (string?)info["run_name"], (string?)info["user_id"], (int)info["start_time"]!));
        Assert.True((long)info["end_time"]! > 123);
        Assert.Equal(["max_tokens=100", "model_route=route", "prompt_template=Hi {{ a }} \"q\" 😀\u0085\n", "temperature=0.5"], Pairs(run["data"]!["params"]!));
        var tags = Pairs(run["data"]!["tags"]!);
        Assert.Contains("mlflow.loggedArtifacts=[{\"path\": \"eval_results_table.json\", \"type\": \"table\"}]", tags);
        Assert.Contains("mlflow.runSourceType=PROMPT_ENGINEERING", tags);
        Assert.Contains("team=a", tags);
        var history = JsonNode.Parse(tags.Single(tag => tag.StartsWith("mlflow.log-model.history=", StringComparison.Ordinal))["mlflow.log-model.history=".Length..])![0]!;
        Assert.Equal(("model", (string?)info["run_id"]), ((string?)history["artifact_path"], (string?)history["run_id"]));
    }

    [Fact]
    public async Task Its_artifacts_are_those_that_the_ui_and_pyfunc_read()
    {
        var run = (await server.OkAsync(Path, Attempt(await server.CreateExperimentAsync())))["run"]!["info"]!;
        var runId = (string)run["run_id"]!;

        var table = await ReadAsync(runId, "eval_results_table.json");
        var parameters = await ReadAsync(runId, "model/parameters.yaml");
        var model = await ReadAsync(runId, "model/MLmodel");

        Assert.Equal("""{"columns": ["a", "b", "prompt", "output", "lat"], "data": [["v1", "3", "in", "out", "True"]]}""", table);
        Assert.Equal(
            "model_parameters:\n  \"max_tokens\": \"100\"\n  \"temperature\": \"0.5\"\nmodel_route: \"route\"\n"
            + "prompt_parameters:\n  \"a\": \"v1\"\n  \"b\": \"3\"\nprompt_template: \"Hi {{ a }} \\\"q\\\" 😀\\u0085\\u000a\"\n",
            parameters);
        Assert.Contains("loader_module: mlflow.prompt.promptlab_model\n", model, StringComparison.Ordinal);
        Assert.Contains($"run_id: {runId}\n", model, StringComparison.Ordinal);
        Assert.Contains("""  inputs: "[{\"type\": \"string\", \"name\": \"a\", \"required\": true}, {\"type\": \"string\", \"name\": \"b\", \"required\": true}]" """.TrimEnd(), model, StringComparison.Ordinal);
        Assert.Equal("""{"inputs": ["v1", "3"]}""", await ReadAsync(runId, "model/input_example.json"));
        Assert.StartsWith("mlflow[gateway]==", await ReadAsync(runId, "model/requirements.txt"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_named_in_order()
    {
        var request = new JsonObject();
        foreach (var (name, value) in new (string, JsonNode)[]
        {
            ("experiment_id", "0"), ("prompt_template", "t"), ("prompt_parameters", new JsonArray(new JsonObject { ["key"] = "a", ["value"] = "b" })),
            ("model_route", "r"), ("model_input", "i"), ("mlflow_version", "3"),
        })
        {
            var answer = await server.PostAsync(Path, request);
            Assert.Equal((400, $"CreatePromptlabRun request must specify {name}."), (answer.Status, answer.Message));
            request[name] = value;
        }

        Assert.Equal(200, (await server.PostAsync(Path, request)).Status);
    }

    [Fact]
    public async Task A_run_that_cannot_be_filled_stays_as_a_failed_one()
    {
        var experiment = await server.CreateExperimentAsync();
        var attempt = Attempt(experiment);
        attempt["model_parameters"] = new JsonArray(new JsonObject { ["key"] = "a/../b", ["value"] = 1 });

        var run = (await server.OkAsync(Path, attempt))["run"]!;

        Assert.Equal("FAILED", (string?)run["info"]!["status"]);
        Assert.Null(run["data"]!["params"]);
    }

    [Fact]
    public async Task There_must_be_such_an_experiment() => Assert.Equal(404, (await server.PostAsync(Path, Attempt("987654321"))).Status);

    private static JsonObject Attempt(string experiment) => JsonNode.Parse(
        $$$"""
        {
          "experiment_id": "{{{experiment}}}", "run_name": "lab", "tags": [{"key": "team", "value": "a"}],
          "prompt_template": "Hi {{ a }} \"q\" 😀\u0085\n", "prompt_parameters": [{"key": "a", "value": "v1"}, {"key": "b", "value": 3}],
          "model_route": "route", "model_parameters": [{"key": "temperature", "value": 0.5}, {"key": "max_tokens", "value": 100}],
          "model_input": "in", "model_output": "out", "model_output_parameters": [{"key": "lat", "value": true}],
          "mlflow_version": "3.11.1", "start_time": 123
        }
        """)!.AsObject();

    private static List<string> Pairs(JsonNode list) => [.. list.AsArray().Select(pair => $"{pair!["key"]}={pair["value"]}").Order(StringComparer.Ordinal)];

    private Task<string> ReadAsync(string runId, string path) =>
        server.Client.GetStringAsync(new Uri($"/get-artifact?run_id={runId}&path={path}", UriKind.Relative));
}
