using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Ui;

/// <summary>What the fields of MLflow's schema answer.</summary>
public sealed class GraphQlAnswerTests(GraphQlFixture server) : IClassFixture<GraphQlFixture>
{
    [Fact]
    public async Task The_run_page_gets_a_run_with_its_experiment_and_model_versions()
    {
        var experiment = await server.CreateExperimentAsync();
        var run = await server.CreateRunAsync(experiment);
        await server.OkAsync("runs/log-metric", new { run_id = run, key = "loss", value = 0.5, timestamp = 3, step = 2 });
        var model = Guid.NewGuid().ToString();
        await server.OkAsync("registered-models/create", new { name = model });
        await server.OkAsync("model-versions/create", new { name = model, source = "s3://bucket/model", run_id = run });

        var answer = await server.DataAsync(
            """
            query GetRun($data: MlflowGetRunInput!) @component(name: "RunPage") {
              mlflowGetRun(input: $data) {
                apiError { helpUrl code message __typename }
                run {
                  info { runName status runUuid endTime startTime __typename }
                  experiment { experimentId tags { key value } }
                  modelVersions { status version name source }
                  data { metrics { key value step timestamp } params { key } tags { key value } }
                  inputs { datasetInputs { dataset { digest } } modelInputs { modelId } }
                  outputs { modelOutputs { modelId step } }
                }
              }
            }
            """,
            new { data = new { runId = run } });

        Assert.Equal(
            $$$$"""
            {"apiError":null,"run":{"data":{"metrics":[{"key":"loss","step":"2","timestamp":"3","value":0.5}],"params":[],"tags":[{"key":"mlflow.runName","value":"run"}]},"experiment":{"experimentId":"{{{{experiment}}}}","tags":[]},"info":{"__typename":"MlflowRunInfo","endTime":"0","runName":"run","runUuid":"{{{{run}}}}","startTime":"7","status":"RUNNING"},"inputs":{"datasetInputs":[],"modelInputs":[]},"modelVersions":[{"name":"{{{{model}}}}","source":"s3://bucket/model","status":"READY","version":"1"}],"outputs":{"modelOutputs":[]}}}
            """,
            answer.ToJsonString());
    }

    [Fact]
    public async Task A_metric_that_is_not_a_number_is_null_in_a_run_and_an_error_in_a_history()
    {
        var run = await server.CreateRunAsync(await server.CreateExperimentAsync());
        await server.OkAsync("runs/log-metric", new { run_id = run, key = "m", value = "NaN", timestamp = 1 });

        var inRun = await server.DataAsync($$"""{ mlflowGetRun(input: {runId: "{{run}}"}) { run { data { metrics { key value } } } } }""");
        var history = await server.AskAsync($$"""{ mlflowGetMetricHistoryBulkInterval(input: {runIds: "{{run}}", metricKey: "m"}) { metrics { value } } }""");

        Assert.Equal("""[{"key":"m","value":null}]""", inRun["run"]!["data"]!["metrics"]!.ToJsonString());
        Assert.Equal(
            """{"data":{"mlflowGetMetricHistoryBulkInterval":{"metrics":[{"value":null}]}},"errors":["Float cannot represent non numeric value: nan"]}""",
            history.Text);
    }

    [Fact]
    public async Task The_interval_of_a_history_is_that_of_the_variables()
    {
        var run = await server.CreateRunAsync(await server.CreateExperimentAsync());
        for (var step = 0; step < 5; step++)
            await server.OkAsync("runs/log-metric", new { run_id = run, key = "m", value = step, timestamp = 1, step });

        var answer = await server.DataAsync(
            "query H($data: MlflowGetMetricHistoryBulkIntervalInput!) { mlflowGetMetricHistoryBulkInterval(input: $data) { metrics { step runId } } }",
            new { data = new { runIds = new[] { run }, metricKey = "m", startStep = 2, endStep = 3, maxResults = 10 } });

        Assert.Equal(["2", "3"], answer["metrics"]!.AsArray().Select(metric => (string)metric!["step"]!));
    }

    [Theory]
    [InlineData("query")]
    [InlineData("mutation")]
    public async Task Runs_are_found_page_by_page_each_with_its_own_versions(string operation)
    {
        var experiment = await server.CreateExperimentAsync();
        var (first, second) = (await server.CreateRunAsync(experiment, "a"), await server.CreateRunAsync(experiment, "b"));
        var model = Guid.NewGuid().ToString();
        await server.OkAsync("registered-models/create", new { name = model });
        foreach (var run in new[] { second, first, second })
            await server.OkAsync("model-versions/create", new { name = model, source = "s3://bucket/model", run_id = run });

        var query = $$"""
            {{operation}} S($data: MlflowSearchRunsInput!) {
              mlflowSearchRuns(input: $data) { nextPageToken runs { info { runName } experiment { experimentId } modelVersions { version } } }
            }
            """;
        var input = new JsonObject { ["experimentIds"] = new JsonArray(experiment), ["orderBy"] = new JsonArray("attributes.run_name ASC"), ["runViewType"] = "ALL" };
        var all = await server.DataAsync(query, new { data = input });
        input["maxResults"] = 1;
        var page = await server.DataAsync(query, new { data = input });

        Assert.Equal(
            $$$"""[{"experiment":{"experimentId":"{{{experiment}}}"},"info":{"runName":"a"},"modelVersions":[{"version":"2"}]},{"experiment":{"experimentId":"{{{experiment}}}"},"info":{"runName":"b"},"modelVersions":[{"version":"3"},{"version":"1"}]}]""",
            all["runs"]!.ToJsonString());
        Assert.Equal("", (string?)all["nextPageToken"]);
        Assert.NotEqual("", (string?)page["nextPageToken"]);
        Assert.Single(page["runs"]!.AsArray());
    }

    [Fact]
    public async Task Datasets_artifacts_and_versions_are_listed()
    {
        var experiment = await server.CreateExperimentAsync();
        var run = await server.CreateRunAsync(experiment);
        var dataset = new { name = "d", digest = "1", source_type = "s", source = "x" };
        await server.OkAsync("runs/log-inputs", new { run_id = run, datasets = new[] { new { dataset } } });
        using var content = new ByteArrayContent([1, 2, 3]);
        (await server.Client.PutAsync(new Uri($"/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/a.bin", UriKind.Relative), content)).EnsureSuccessStatusCode();

        var datasets = await server.DataAsync($$"""mutation { mlflowSearchDatasets(input: {experimentIds: ["{{experiment}}"]}) { datasetSummaries { name context } } }""");
        var files = await server.DataAsync($$"""{ mlflowListArtifacts(input: {runId: "{{run}}"}) { files { path isDir fileSize } nextPageToken } }""");
        var versions = await server.DataAsync("{ mlflowSearchModelVersions(input: {filter: \"name = 'none'\", maxResults: 5}) { modelVersions { name } } }");

        Assert.Equal("""[{"context":"","name":"d"}]""", datasets["datasetSummaries"]!.ToJsonString());
        Assert.Equal("""{"files":[{"fileSize":"3","isDir":false,"path":"a.bin"}],"nextPageToken":""}""", files.ToJsonString());
        Assert.Equal("""{"modelVersions":[]}""", versions.ToJsonString());
    }

    [Fact]
    public async Task What_cannot_be_had_is_null_and_the_other_fields_are_answered()
    {
        var answer = await server.AskAsync(
            """
            { a: test(inputString: "x") { output }
              mlflowGetRun(input: {runId: "nope"}) { run { info { runId } } }
              s: mlflowSearchRuns(input: {experimentIds: ["0"], filter: "foo bar"}) { nextPageToken }
              mlflowGetExperiment { experiment { name } } }
            """);

        Assert.Equal("""{"a":{"output":"x"},"mlflowGetExperiment":null,"mlflowGetRun":null,"s":null}""", answer.Json["data"]!.ToJsonString());
        Assert.Equal(
            ["Run with id=nope not found", "Invalid clause(s) in filter string: 'foo bar'", "The field 'mlflowGetExperiment' needs the argument 'input'."],
            answer.Json["errors"]!.AsArray().Select(error => (string)error!));
    }
}
