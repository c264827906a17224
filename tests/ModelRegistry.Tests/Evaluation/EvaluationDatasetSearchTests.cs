using System.Globalization;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.Evaluation;

public sealed class EvaluationDatasetSearchTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Search = "datasets/search";

    [Theory]
    [InlineData("name = '{0}-a'", "a")]
    [InlineData("name != '{0}-a'", "b c")]
    [InlineData("name LIKE '{0}-%'", "a b c")]
    [InlineData("name ILIKE '{1}-B'", "b")]
    [InlineData("name >= '{0}-b'", "b c")]
    [InlineData("tags.who = 'x'", "a")]
    [InlineData("tags.who != 'x'", "b")]
    [InlineData("tags.who LIKE '%' AND created_by = 'bob'", "b")]
    [InlineData("tags.`who` = 'x'", "")]
    [InlineData("last_updated_by ILIKE 'BOB'", "b")]
    [InlineData("created_time > 0 AND last_update_time < 5", "")]
    public async Task Filters_find(string filter, string expected)
    {
        var (experiment, prefix) = await CreateThreeAsync();

        var found = await server.Do3Async("POST", Search, new
        {
            experiment_ids = new[] { experiment },
            filter_string = string.Format(CultureInfo.InvariantCulture, filter, prefix, prefix.ToUpperInvariant()),
            order_by = new[] { "name" },
        });

        Assert.Equal(expected, Letters(found));
    }

    [Theory]
    [InlineData("tag.k = 'v'", "Invalid identifier token 'tag' specified")]
    [InlineData("foo = 'a'", "Invalid attribute key 'foo' specified. Valid keys are: {'created_by', 'created_time', 'last_update_time', 'last_updated_by', 'name'}")]
    [InlineData("name IN ('a')", "Only the 'run_id' attribute supports comparison with a list of quoted string values.")]
    [InlineData("tags.k IS NULL", "Invalid comparator for tag: IS NULL")]
    [InlineData("tags.k > 'a'", "Invalid comparator for tag: >")]
    [InlineData("created_time = 'a'", "Expected numeric value type for numeric attribute: created_time. Found 'a'")]
    public async Task Filters_that_make_no_sense_are_refused(string filter, string message)
    {
        var answer = await server.Send3Async("POST", Search, new { filter_string = filter });

        Assert.Equal((400, "INVALID_PARAMETER_VALUE", message), (answer.Status, answer.ErrorCode, answer.Message));
    }

    [Theory]
    [InlineData(0, "Invalid value None for parameter 'max_results' supplied. It must be a positive integer")]
    [InlineData(-1, "Invalid value -1 for parameter 'max_results' supplied. It must be a positive integer")]
    [InlineData(50_001, "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000")]
    public async Task A_page_has_a_size(int size, string message) =>
        Assert.Equal(message, (await server.Send3Async("POST", Search, new { max_results = size })).Message);

    [Fact]
    public async Task Orders_are_by_name_or_time_and_nothing_else()
    {
        var (experiment, _) = await CreateThreeAsync();
        var experiments = new[] { experiment };

        Assert.Equal("c b a", Letters(await server.Do3Async("POST", Search, new { experiment_ids = experiments })));
        Assert.Equal("a b c", Letters(await server.Do3Async("POST", Search, new { experiment_ids = experiments, order_by = new[] { "created_time ASC" } })));
        Assert.Equal("c b a", Letters(await server.Do3Async("POST", Search, new { experiment_ids = experiments, order_by = new[] { "name DESC" } })));
        Assert.Equal(
            "Invalid attribute key 'created_by' specified. Valid keys are: {'created_time', 'last_update_time', 'name'}",
            (await server.Send3Async("POST", Search, new { order_by = new[] { "created_by" } })).Message);
        Assert.Equal("Invalid order_by entity: tag", (await server.Send3Async("POST", Search, new { order_by = new[] { "tags.a" } })).Message);
    }

    [Fact]
    public async Task Pages_follow_each_other_also_by_get()
    {
        var (experiment, _) = await CreateThreeAsync();
        var path = $"{Search}?experiment_ids={experiment}&max_results=2&order_by=name";

        var first = await server.Do3Async("GET", path);
        var second = await server.Do3Async("GET", $"{path}&page_token={(string)first["next_page_token"]!}");

        Assert.Equal(("a b", "c"), (Letters(first), Letters(second)));
        Assert.Null(second["next_page_token"]);
    }

    [Fact]
    public async Task A_dataset_of_several_experiments_is_found_once()
    {
        var (one, two) = (await server.NewExperimentAsync(), await server.NewExperimentAsync());
        await server.NewDatasetAsync(experiments: [one, two]);

        var found = await server.Do3Async("POST", Search, new { experiment_ids = new[] { one, two } });

        Assert.Single(found["datasets"]!.AsArray());
    }

    private async Task<(string Experiment, string Prefix)> CreateThreeAsync()
    {
        var experiment = await server.NewExperimentAsync();
        var prefix = TrackingCalls.UniqueName("s");
        await server.NewDatasetAsync($"{prefix}-a", """{"who": "x"}""", experiment);
        await Task.Delay(2);
        await server.NewDatasetAsync($"{prefix}-b", """{"who": "y", "mlflow.user": "bob"}""", experiment);
        await Task.Delay(2);
        await server.NewDatasetAsync($"{prefix}-c", null, experiment);
        return (experiment, prefix);
    }

    private static string Letters(JsonNode found) =>
        string.Join(' ', (found["datasets"]?.AsArray() ?? []).Select(dataset => ((string)dataset!["name"]!)[^1]));
}
