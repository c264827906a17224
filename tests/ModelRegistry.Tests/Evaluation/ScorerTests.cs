using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.Evaluation;

public sealed class ScorerTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Each_registration_is_one_more_version()
    {
        var experiment = await server.NewExperimentAsync();
        var first = await RegisterAsync(experiment, "judge", """{"name":"one"}""");
        var second = await RegisterAsync(experiment, "judge", """{"name":"two"}""");

        Assert.Equal((1, 2), ((int)first["version"]!, (int)second["version"]!));
        Assert.Equal((string)first["scorer_id"]!, (string)second["scorer_id"]!);
        Assert.Equal(experiment, (string)first["experiment_id"]!);
        Assert.Equal("""{"name":"one"}""", (string)first["serialized_scorer"]!);
    }

    [Fact]
    public async Task Versions_are_listed_and_got()
    {
        var experiment = await server.NewExperimentAsync();
        await RegisterAsync(experiment, "b", """{"v":1}""");
        await RegisterAsync(experiment, "b", """{"v":2}""");
        await RegisterAsync(experiment, "a", """{"v":3}""");

        var latest = (await server.Do3Async("GET", $"scorers/list?experiment_id={experiment}"))["scorers"]!.AsArray();
        var versions = (await server.Do3Async("GET", $"scorers/versions?experiment_id={experiment}&name=b"))["scorers"]!.AsArray();
        var last = (await server.Do3Async("GET", $"scorers/get?experiment_id={experiment}&name=b"))["scorer"]!;
        var first = (await server.Do3Async("GET", $"scorers/get?experiment_id={experiment}&name=b&version=1"))["scorer"]!;

        Assert.Equal(["""a 1 {"v": 3}""", """b 2 {"v": 2}"""], latest.Select(Summary));
        Assert.Equal(["""b 1 {"v": 1}""", """b 2 {"v": 2}"""], versions.Select(Summary));
        Assert.Equal("""b 2 {"v":2}""", Summary(last));
        Assert.Equal("""b 1 {"v":1}""", Summary(first));
        Assert.Equal(int.Parse(experiment, System.Globalization.CultureInfo.InvariantCulture), (int)first["experiment_id"]!);
    }

    [Fact]
    public async Task One_version_or_the_whole_scorer_is_deleted()
    {
        var experiment = await server.NewExperimentAsync();
        await RegisterAsync(experiment, "s", "{}");
        await RegisterAsync(experiment, "s", "{}");
        await server.Do3Async("PUT", "scorers/online-config", new { experiment_id = experiment, name = "s", sample_rate = 0 });

        await server.Do3Async("DELETE", "scorers/delete", new { experiment_id = experiment, name = "s", version = 2 });
        Assert.Equal(1, (int)(await server.Do3Async("GET", $"scorers/get?experiment_id={experiment}&name=s"))["scorer"]!["scorer_version"]!);

        await server.Do3Async("DELETE", "scorers/delete", new { experiment_id = experiment, name = "s" });
        Assert.Equal("{}", (await server.Get3Async($"scorers/list?experiment_id={experiment}")).Text);
    }

    [Theory]
    [InlineData("GET", "scorers/get?experiment_id=0&name=none", null, "Scorer with name 'none' not found for experiment 0.")]
    [InlineData("GET", "scorers/get?experiment_id=0&name=none&version=3", null, "Scorer with name 'none' not found for experiment 0.")]
    [InlineData("GET", "scorers/versions?experiment_id=0&name=none", null, "Scorer with name 'none' not found for experiment 0.")]
    [InlineData("GET", "scorers/list?experiment_id=99999", null, "No Experiment with id=99999 exists")]
    [InlineData("DELETE", "scorers/delete", """{"experiment_id": "0", "name": "none"}""", "Scorer with name 'none' not found for experiment 0.")]
    [InlineData("PUT", "scorers/online-config", """{"experiment_id": "0", "name": "none", "sample_rate": 0}""", "Scorer with name 'none' not found for experiment 0.")]
    [InlineData("POST", "scorers/register", """{"experiment_id": "99999", "name": "s", "serialized_scorer": "{}"}""", "No Experiment with id=99999 exists")]
    public async Task What_is_not_there_is_reported(string method, string path, string? body, string message)
    {
        var answer = await server.Send3Async(method, path, body is null ? null : JsonNode.Parse(body));

        Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST", message), (answer.Status, answer.ErrorCode, answer.Message));
    }

    [Fact]
    public async Task A_missing_version_is_named()
    {
        var experiment = await server.NewExperimentAsync();
        await RegisterAsync(experiment, "s", "{}");
        var message = $"Scorer with name 's' and version 7 not found for experiment {experiment}.";

        Assert.Equal(message, (await server.Get3Async($"scorers/get?experiment_id={experiment}&name=s&version=7")).Message);
        Assert.Equal(message, (await server.Send3Async("DELETE", "scorers/delete", new { experiment_id = experiment, name = "s", version = 7 })).Message);
    }

    [Fact]
    public async Task A_deleted_experiment_keeps_its_scorers_to_itself()
    {
        var experiment = await server.NewExperimentAsync();
        await RegisterAsync(experiment, "s", "{}");
        await server.DoAsync("experiments/delete", new { experiment_id = experiment });

        var answer = await server.Get3Async($"scorers/get?experiment_id={experiment}&name=s");

        Assert.Equal($"The experiment {experiment} must be in the 'active' state. Current state is deleted.", answer.Message);
    }

    [Theory]
    [InlineData("s", "{bad", 400, "serialized_scorer must be valid JSON")]
    [InlineData("s", "[]", 400, "serialized_scorer must be a JSON object")]
    [InlineData(" ", "{}", 400, "Scorer name cannot be empty or contain only whitespace.")]
    [InlineData("s", """{"instructions_judge_pydantic_data": {"model": 5}}""", 400, "Scorer model must be a string, got int.")]
    [InlineData("s", """{"builtin_scorer_pydantic_data": {"model": " "}}""", 400, "Scorer model cannot be empty or contain only whitespace.")]
    [InlineData("s", """{"memory_augmented_judge_data": {"base_judge": {"instructions_judge_pydantic_data": {"model": "gateway:/g"}}}}""", 404, "GatewayEndpoint not found (name='g')")]
    [InlineData("s", """{"third_party_scorer_data": {"model": "gateway:/g"}}""", 404, "GatewayEndpoint not found (name='g')")]
    public async Task Scorers_that_no_client_could_run_are_refused(string name, string serialized, int status, string message)
    {
        var answer = await server.Send3Async("POST", "scorers/register", new { experiment_id = "0", name, serialized_scorer = serialized });

        Assert.Equal((status, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Code_in_a_scorer_is_refused()
    {
        var answer = await server.Send3Async("POST", "scorers/register", new { experiment_id = "0", name = "s", serialized_scorer = """{"call_source": "x"}""" });

        Assert.StartsWith("Custom scorer registration (using @scorer decorator) is not supported", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rate_is_kept_once_per_scorer()
    {
        var experiment = await server.NewExperimentAsync();
        var scorer = (string)(await RegisterAsync(experiment, "s", "{}"))["scorer_id"]!;
        var first = await server.Do3Async("PUT", "scorers/online-config", new { experiment_id = experiment, name = "s", sample_rate = 0 });
        await server.Do3Async("PUT", "scorers/online-config", new { experiment_id = experiment, name = "s", sample_rate = 0.0, filter_string = "status = 'OK'" });

        var configs = (await server.Do3Async("GET", $"scorers/online-configs?scorer_ids={scorer}&scorer_ids=other"))["configs"]!.AsArray();

        Assert.Null(first["config"]!["filter_string"]);
        var config = Assert.Single(configs)!;
        Assert.Equal((scorer, experiment, "status = 'OK'"), ((string)config["scorer_id"]!, (string)config["experiment_id"]!, (string)config["filter_string"]!));
        Assert.Equal("""{"configs":[]}""", (await server.Get3Async("scorers/online-configs?scorer_ids=other")).Text);
    }

    [Theory]
    [InlineData("""{"sample_rate": 0.5}""", "Scorer 's' does not use a gateway model. Automatic evaluation is only supported for scorers that use gateway models.")]
    [InlineData("""{"sample_rate": 2}""", "sample_rate must be between 0.0 and 1.0, got 2.0")]
    [InlineData("""{"sample_rate": 0, "filter_string": 5}""", "Invalid value 5 for parameter 'filter_string' supplied: Value was of type 'int'. Expected type 'str' or None.")]
    [InlineData("""{"sample_rate": ""}""", "Missing value for required parameter 'sample_rate'. See the API docs for more information about request parameters.")]
    [InlineData("""{"sample_rate": "x"}""", "sample_rate must be a number, got str")]
    [InlineData("{}", "Missing value for required parameter 'sample_rate'. See the API docs for more information about request parameters.")]
    public async Task Scoring_that_this_server_cannot_do_is_refused(string body, string message)
    {
        var experiment = await server.NewExperimentAsync();
        await RegisterAsync(experiment, "s", "{}");
        var request = JsonNode.Parse(body)!;
        (request["experiment_id"], request["name"]) = (experiment, "s");

        var answer = await server.Send3Async("PUT", "scorers/online-config", request);

        Assert.Equal((400, "INVALID_PARAMETER_VALUE", message), (answer.Status, answer.ErrorCode, answer.Message));
    }

    private Task<JsonNode> RegisterAsync(string experiment, string name, string serialized) =>
        server.Do3Async("POST", "scorers/register", new { experiment_id = experiment, name, serialized_scorer = serialized });

    private static string Summary(JsonNode? scorer) => $"{scorer!["scorer_name"]} {scorer["scorer_version"]} {(string)scorer["serialized_scorer"]!}";
}
