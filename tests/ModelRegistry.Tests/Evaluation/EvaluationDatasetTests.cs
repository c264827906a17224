using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;
using static ModelRegistry.Tests.Evaluation.EvaluationCalls;

namespace ModelRegistry.Tests.Evaluation;

public sealed class EvaluationDatasetTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task The_answer_to_a_creation_tells_all_that_is_known()
    {
        var body = new { name = "eval", experiment_ids = new[] { "7" }, tags = """{"mlflow.user": "bob", "n": 1, "none": null}""" };

        var dataset = (await server.Do3Async("POST", "datasets/create", body))["dataset"]!;

        var time = (long)dataset["created_time"]!;
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"eval:{time}")))[..8];
        Assert.Matches("^d-[0-9a-f]{32}$", (string)dataset["dataset_id"]!);
        Assert.Equal(digest, (string)dataset["digest"]!);
        Assert.Equal(("bob", "bob"), ((string)dataset["created_by"]!, (string)dataset["last_updated_by"]!));
        Assert.Equal("7", (string)dataset["experiment_ids"]![0]!);
        Assert.Equal("""{"mlflow.user": "bob", "n": "1", "none": null}""", (string)dataset["tags"]!);
        Assert.Null(dataset["schema"]);
        Assert.Null(dataset["profile"]);
    }

    [Fact]
    public async Task Experiments_are_told_by_their_own_call_alone()
    {
        var experiment = await server.NewExperimentAsync();
        var id = await server.NewDatasetAsync(experiments: experiment);

        Assert.Null((await server.GetDatasetAsync(id))["experiment_ids"]);
        Assert.Equal([experiment], await ExperimentsAsync(id));
        Assert.Equal("{}", (await server.Get3Async("datasets/d-none/experiment-ids")).Text);
    }

    [Fact]
    public async Task Experiments_are_added_and_removed_as_often_as_one_likes()
    {
        var (one, two) = (await server.NewExperimentAsync(), await server.NewExperimentAsync());
        var id = await server.NewDatasetAsync(experiments: one);

        await server.Do3Async("POST", $"datasets/{id}/add-experiments", new { experiment_ids = new[] { one, two } });
        await server.Do3Async("POST", $"datasets/{id}/add-experiments", new { experiment_ids = new[] { two } });
        Assert.Equal([one, two], (await ExperimentsAsync(id)).OrderBy(int.Parse));

        await server.Do3Async("POST", $"datasets/{id}/remove-experiments", new { experiment_ids = new[] { one, "12345" } });
        await server.Do3Async("POST", $"datasets/{id}/remove-experiments", new { experiment_ids = new[] { one } });
        Assert.Equal([two], await ExperimentsAsync(id));
    }

    [Theory]
    [InlineData("99999")]
    [InlineData("abc")]
    public async Task An_unknown_experiment_adds_none_of_them(string unknown)
    {
        var id = await server.NewDatasetAsync();

        var answer = await server.Send3Async("POST", $"datasets/{id}/add-experiments", new { experiment_ids = new[] { "0", unknown } });

        Assert.Equal((404, $"No Experiment with id={unknown}"), (answer.Status, answer.Message));
        Assert.Empty(await ExperimentsAsync(id));
    }

    [Theory]
    [InlineData("GET", "datasets/d-none", null, "Evaluation dataset with id 'd-none' not found")]
    [InlineData("PATCH", "datasets/d-none/tags", """{"tags": "{}"}""", "Could not find evaluation dataset with ID d-none")]
    [InlineData("POST", "datasets/d-none/add-experiments", "{}", "Dataset 'd-none' not found")]
    [InlineData("POST", "datasets/d-none/remove-experiments", "{}", "Dataset 'd-none' not found")]
    public async Task An_unknown_dataset_is_reported_in_the_words_of_each_call(string method, string path, string? body, string message)
    {
        var answer = await server.Send3Async(method, path, body is null ? null : JsonNode.Parse(body));

        Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST", message), (answer.Status, answer.ErrorCode, answer.Message));
    }

    [Theory]
    [InlineData("datasets/d-none")]
    [InlineData("datasets/d-none/tags/k")]
    public async Task Deleting_what_is_not_there_is_no_error(string path) =>
        Assert.Equal("{}", (await server.Do3Async("DELETE", path)).ToJsonString());

    [Fact]
    public async Task Tags_are_merged_and_null_keeps_them()
    {
        var id = await server.NewDatasetAsync(tags: """{"a": "1", "b": "2"}""");

        await server.Do3Async("PATCH", $"datasets/{id}/tags", new { tags = """{"b": null, "c": true, "a": "9"}""" });
        await server.Do3Async("DELETE", $"datasets/{id}/tags/nosuch");
        Assert.Equal("""{"a": "9", "b": "2", "c": "True"}""", (string)(await server.GetDatasetAsync(id))["tags"]!);

        await server.Do3Async("DELETE", $"datasets/{id}/tags/a");
        Assert.Equal("""{"b": "2", "c": "True"}""", (string)(await server.GetDatasetAsync(id))["tags"]!);
    }

    [Theory]
    [InlineData("datasets/create", """{"name": "x", "tags": "notjson"}""", "tags must be valid JSON")]
    [InlineData("datasets/create", """{"name": "x", "tags": "[1]"}""", "tags must be a JSON object")]
    [InlineData("datasets/create", "{}", "Missing value for required parameter 'name'. See the API docs for more information about request parameters.")]
    public async Task Bad_creations_are_refused(string path, string body, string message)
    {
        var answer = await server.Send3Async("POST", path, JsonNode.Parse(body));

        Assert.Equal((400, "INVALID_PARAMETER_VALUE", message), (answer.Status, answer.ErrorCode, answer.Message));
    }

    [Theory]
    [InlineData("notjson", "tags must be valid JSON")]
    [InlineData("[]", "tags must be a JSON object")]
    public async Task Tags_are_an_object(string tags, string message)
    {
        var id = await server.NewDatasetAsync();

        var answer = await server.Send3Async("PATCH", $"datasets/{id}/tags", new { tags });

        Assert.Equal((400, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task A_deleted_dataset_takes_everything_along()
    {
        var experiment = await server.NewExperimentAsync();
        var id = await server.NewDatasetAsync(experiments: experiment, tags: """{"a": "1"}""");
        await server.UpsertAsync(id, """[{"inputs": {"q": 1}}]""");

        await server.Do3Async("DELETE", $"datasets/{id}");

        Assert.Equal(404, (await server.Get3Async($"datasets/{id}")).Status);
        Assert.Empty(await server.RecordsAsync(id));
        Assert.Empty(await ExperimentsAsync(id));
        Assert.Null((await server.Do3Async("POST", "datasets/search", new { experiment_ids = new[] { experiment } }))["datasets"]);
    }

    private async Task<List<string>> ExperimentsAsync(string id) =>
        [.. ((await server.Do3Async("GET", $"datasets/{id}/experiment-ids"))["experiment_ids"]?.AsArray() ?? []).Select(item => (string)item!)];
}
