using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Tracking;

public sealed class RunLogTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task The_latest_metric_has_the_highest_step_then_timestamp_then_value()
    {
        var run = await server.NewRunAsync();
        (double Value, long Timestamp, long Step)[] points = [(1.5, 1000, 1), (1, 1, -5), (9, 5000, 0), (0.5, 5000, 1), (0.75, 5000, 1), (0.6, 5000, 1), (8, 4000, 1)];
        foreach (var (value, timestamp, step) in points)
            await server.DoAsync("runs/log-metric", new { run_id = run, key = "m", value, timestamp, step });

        var metric = Assert.Single((await server.GetRunAsync(run))["data"]!["metrics"]!.AsArray())!;

        Assert.Equal((0.75, 5000, 1), ((double)metric["value"]!, (long)metric["timestamp"]!, (long)metric["step"]!));
    }

    [Fact]
    public async Task A_later_point_takes_the_place_of_the_latest_whole_and_an_earlier_one_leaves_it_whole()
    {
        var run = await server.NewRunAsync();
        (object Value, long Timestamp, long Step, string Latest)[] points =
        [
            (1, 10, 1, "1@10#1"), ("NaN", 10, 1, "1@10#1"), (3, 10, 1, "3@10#1"), (2, 11, 1, "2@11#1"), (9, 10, 1, "2@11#1"),
            ("NaN", 5, 2, "NaN@5#2"), (9, 99, 1, "NaN@5#2"), (-1, 6, 2, "-1@6#2"), ("Infinity", 0, 3, "1.7976931348623157E+308@0#3"),
        ];
        foreach (var (value, timestamp, step, latest) in points)
        {
            await server.DoAsync("runs/log-batch", new { run_id = run, metrics = new[] { new { key = "m", value, timestamp, step } } });

            var metric = Assert.Single((await server.GetRunAsync(run))["data"]!["metrics"]!.AsArray())!;
            Assert.Equal(latest, $"{metric["value"]}@{metric["timestamp"]}#{metric["step"]}");
        }
    }

    [Theory]
    [InlineData("\"NaN\"", "NaN")]
    [InlineData("\"Infinity\"", "1.7976931348623157E+308")]
    [InlineData("\"-Infinity\"", "-1.7976931348623157E+308")]
    [InlineData("\"1.25\"", "1.25")]
    [InlineData("true", "1")]
    public async Task Special_values_are_stored_as_MLflow_stores_them(string value, string read)
    {
        var run = await server.NewRunAsync();

        await server.DoAsync("runs/log-metric", JsonNode.Parse($$"""{"run_id": "{{run}}", "key": "m", "value": {{value}}, "timestamp": 1}""")!);

        Assert.Equal(read, (await server.GetRunAsync(run)).Values("metrics")["m"]);
    }

    [Theory]
    [InlineData("""{"key": "m", "value": 1, "timestamp": -1}""",
        "Invalid value -1 for parameter 'timestamp' supplied: metric 'm' (value=1.0). Timestamp must be a nonnegative long (64-bit integer) ")]
    [InlineData("""{"key": "m", "value": 1}""",
        "Missing value for required parameter 'timestamp'. See the API docs for more information about request parameters.")]
    [InlineData("""{"key": "m", "value": "abc", "timestamp": 1}""",
        "Invalid value \"abc\" for parameter 'value' supplied:  Hint: Value was of type 'str'. See the API docs for more information about request parameters.")]
    public async Task A_bad_metric_is_refused_in_MLflows_words(string body, string message)
    {
        var json = JsonNode.Parse(body)!;
        json["run_id"] = await server.NewRunAsync();

        var answer = await server.PostAsync("runs/log-metric", json);

        Assert.Equal((400, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task A_metric_of_an_unknown_model_is_a_bad_request_and_leaves_nothing_behind()
    {
        var run = await server.NewRunAsync();

        var answer = await server.PostAsync("runs/log-metric", new { run_id = run, key = "m", value = 1, timestamp = 1, model_id = "m-nope" });

        Assert.Equal((400, "BAD_REQUEST"), (answer.Status, answer.ErrorCode));
        Assert.Empty((await server.GetRunAsync(run)).Values("metrics"));
    }

    [Fact]
    public async Task A_parameter_is_written_once()
    {
        var run = await server.NewRunAsync();
        await server.DoAsync("runs/log-parameter", new { run_id = run, key = "p", value = "1" });
        await server.DoAsync("runs/log-parameter", new { run_id = run, key = "p", value = "1" });

        var answer = await server.PostAsync("runs/log-parameter", new { run_id = run, key = "p", value = "2" });

        Assert.Equal(
            $"Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='{run}'. Attempted logging new value '2'.",
            answer.Message);
    }

    [Fact]
    public async Task Long_values_are_cut()
    {
        var run = await server.NewRunAsync();
        await server.DoAsync("runs/log-parameter", new { run_id = run, key = "p", value = new string('x', 6001) });
        await server.DoAsync("runs/set-tag", new { run_id = run, key = "t", value = new string('x', 8001) });

        var read = await server.GetRunAsync(run);

        Assert.Equal(6000, read.Values("params")["p"].Length);
        Assert.Equal(8000, read.Values("tags")["t"].Length);
    }

    [Fact]
    public async Task A_tag_that_is_not_there_cannot_be_deleted()
    {
        var run = await server.NewRunAsync();

        var answer = await server.PostAsync("runs/delete-tag", new { run_id = run, key = "t" });

        Assert.Equal((404, $"No tag with name: t in run with id {run}"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task The_older_log_model_call_keeps_a_history_without_configurations()
    {
        var run = await server.NewRunAsync();
        var model = """{"artifact_path": "m", "flavors": {"f": {"v": 1, "config": {}}}, "utc_time_created": "2026", "run_id": "r", "other": 1}""";
        await server.DoAsync("runs/log-model", new { run_id = run, model_json = model });
        await server.DoAsync("runs/log-model", new { run_id = run, model_json = model.Replace("\"m\"", "\"é\"", StringComparison.Ordinal) });

        const string Entry = """{"run_id": "r", "artifact_path": "m", "utc_time_created": "2026", "model_uuid": null, "flavors": {"f": {"v": 1}}}""";
        Assert.Equal(
            $"[{Entry}, {Entry.Replace("\"m\"", "\"\\u00e9\"", StringComparison.Ordinal)}]",
            (await server.GetRunAsync(run)).Values("tags")["mlflow.log-model.history"]);
    }
}
