using System.Globalization;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.ForeignClients;

/// <summary>Java's protobuf JSON writes 64-bit numbers as strings; R writes every scalar so.</summary>
public sealed class StringScalarTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Java_sends_64_bit_numbers_as_strings()
    {
        var experiment = await server.NewExperimentAsync();
        var info = (await server.SucceedAsync(
            "POST", "runs/create",
            $$"""{"experiment_id": "{{experiment}}", "user_id": "jane", "start_time": "1700000000001", "tags": [{"key": "k", "value": "v"}]}"""))["run"]!["info"]!;
        var run = (string)info["run_id"]!;
        await server.SucceedAsync(
            "POST", "runs/log-metric", $$"""{"run_id": "{{run}}", "key": "loss", "value": 0.5, "timestamp": "1700000000002", "step": "9007199254740993"}""");
        await server.SucceedAsync("POST", "runs/update", $$"""{"run_id": "{{run}}", "status": "FINISHED", "end_time": "1700000000003"}""");

        var read = await server.GetRunAsync(run);

        Assert.Equal(1700000000001, (long)info["start_time"]!);
        Assert.Equal(1700000000003, (long)read["info"]!["end_time"]!);
        Assert.Equal((1700000000002, 9007199254740993), Point(read["data"]!["metrics"]![0]!));
    }

    [Fact]
    public async Task R_sends_every_scalar_as_a_string()
    {
        var experiment = await server.NewExperimentAsync();
        var run = await server.NewRunAsync(experiment);
        await server.SucceedAsync(
            "POST", "runs/log-batch",
            $$"""
            {"run_id": "{{run}}", "metrics": [{"key": "acc", "value": "0.25", "timestamp": "5", "step": "3"}],
             "params": [{"key": "depth", "value": "7"}], "tags": [{"key": "lang", "value": "R"}]}
            """);
        var found = await server.SucceedAsync(
            "POST", "runs/search", $$"""{"experiment_ids": ["{{experiment}}"], "max_results": "10", "run_view_type": "ACTIVE_ONLY"}""");

        var metric = found["runs"]![0]!["data"]!["metrics"]![0]!;
        Assert.Equal(0.25, (double)metric["value"]!);
        Assert.Equal((5, 3), Point(metric));
    }

    [Theory]
    [InlineData("\"TRUE\"", 400)]
    [InlineData("\"false\"", 400)]
    [InlineData("true", 200)]
    public async Task Flags_are_no_strings_as_with_mlflow(string sent, int status)
    {
        var name = await server.NewModelAsync(versions: 1);

        var answer = await server.RequestAsync(
            "POST", "model-versions/transition-stage", $$"""{"name": "{{name}}", "version": "1", "stage": "Staging", "archive_existing_versions": {{sent}}}""");

        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [InlineData("\"NaN\"", "NaN")]
    [InlineData("\"Infinity\"", "Infinity")]
    [InlineData("\"-Infinity\"", "-Infinity")]
    [InlineData("\"1e-3\"", "0.001")]
    public async Task Metric_values_that_json_has_no_number_for_are_strings(string sent, string expected)
    {
        var run = await server.NewRunAsync();
        await server.SucceedAsync("POST", "runs/log-metric", $$"""{"run_id": "{{run}}", "key": "m", "value": {{sent}}, "timestamp": "1"}""");

        var value = (await server.SucceedAsync("GET", $"metrics/get-history?run_id={run}&metric_key=m&max_results=5"))["metrics"]![0]!["value"]!;

        // MLflow's tables have no infinity: the greatest and smallest doubles stand for it.
        var number = double.TryParse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : double.NaN;
        Assert.Equal(expected switch { "Infinity" => double.MaxValue, "-Infinity" => double.MinValue, _ => double.Parse(expected, CultureInfo.InvariantCulture) }, number, 1e-12);
    }

    [Fact]
    public async Task Numbers_as_python_spells_them_need_no_quotes()
    {
        var run = await server.NewRunAsync();

        await server.SucceedAsync("POST", "runs/log-metric", $$"""{"key": "say \"NaN", "run_id": "{{run}}", "key": "a", "value": NaN, "timestamp": 7, "step": 2}""");
        await server.SucceedAsync(
            "POST", "runs/log-batch",
            $$"""{"run_id": "{{run}}", "metrics": [{"key": "b", "value": -Infinity, "timestamp": 1}, {"key": "NaN", "value":Infinity,"timestamp": 1}]}""");
        var misspelled = await server.RequestAsync("POST", "runs/log-metric", $$"""{"run_id": "{{run}}", "key": "c", "value": +Infinity, "timestamp": 1}""");

        var metrics = (await server.GetRunAsync(run))["data"]!["metrics"]!.AsArray().ToDictionary(metric => (string)metric!["key"]!);
        Assert.Equal(("NaN", (7, 2)), (metrics["a"]!["value"]!.ToString(), Point(metrics["a"]!)));
        Assert.Equal((double.MinValue, double.MaxValue), ((double)metrics["b"]!["value"]!, (double)metrics["NaN"]!["value"]!));
        Assert.Equal(3, metrics.Count);
        Assert.Equal((400, "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters."), (misspelled.Status, misspelled.Message));
    }

    [Theory]
    [InlineData("\"5.0\"")]
    [InlineData("\"five\"")]
    [InlineData("\"\"")]
    public async Task A_string_that_is_no_whole_number_is_refused_where_one_is_due(string sent)
    {
        var run = await server.NewRunAsync();

        var answer = await server.RequestAsync("POST", "runs/log-metric", $$"""{"run_id": "{{run}}", "key": "m", "value": 1, "timestamp": {{sent}}}""");

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task Camel_case_names_are_read_in_bodies_and_ignored_in_query_strings()
    {
        var name = await server.NewModelAsync(versions: 2);
        var body = await server.SucceedAsync("POST", "registered-models/search", $$"""{"filter": "name = '{{name}}'", "maxResults": 1, "orderBy": ["name"]}""");
        var query = await server.SucceedAsync("GET", $"model-versions/search?filter=name%3D%27{name}%27&maxResults=1");
        var later = await server.SucceedAsync("POST", "model-versions/search", $$"""{"filter": "name = '{{name}}'", "max_results": 1, "maxResults": "2"}""");

        Assert.Equal([name], body.Names("registered_models"));
        Assert.Equal(2, query["model_versions"]!.AsArray().Count);
        Assert.Equal(2, later["model_versions"]!.AsArray().Count);
    }

    private static (long Timestamp, long Step) Point(JsonNode metric) => ((long)metric["timestamp"]!, (long)metric["step"]!);
}
