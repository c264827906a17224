using System.Text.Json.Nodes;
using Xunit;
using static ModelRegistry.Tests.Tracking.TrackingSteps;

namespace ModelRegistry.Tests.Tracking;

public sealed class LoggedModelSearchTests(ServerFixture server) : IClassFixture<ServerFixture>, IAsyncLifetime
{
    private string experiment = "";
    private string best = "";

    /// <summary>Three models: "old" (acc 0.9 then 0.1, dataset d/x), "best" (acc 0.8, dataset d/y), "plain" (no metric).</summary>
    public async Task InitializeAsync()
    {
        experiment = await server.NewExperimentAsync();
        var run = await server.NewRunAsync(experiment);
        var old = await server.NewModelAsync(experiment, "old");
        best = await server.NewModelAsync(experiment, "best");
        await server.NewModelAsync(experiment, "plain");
        await server.LogAsync(run, new { key = "acc", value = 0.9, timestamp = 1, step = 1, model_id = old, dataset_name = "d", dataset_digest = "x" });
        await server.LogAsync(run, new { key = "acc", value = 0.1, timestamp = 2, step = 2, model_id = old, dataset_name = "d", dataset_digest = "x" });
        await server.LogAsync(run, new { key = "acc", value = 0.8, timestamp = 1, step = 1, model_id = best, dataset_name = "d", dataset_digest = "y" });
        await OkAsync(server.SendAsync(HttpMethod.Patch, $"logged-models/{old}/tags", new { tags = new[] { new { key = "env", value = "Dev" } } }));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("metrics.acc > 0.85", "old")]
    [InlineData("metrics.acc < 0.5", "old")]
    [InlineData("metrics.acc > 0.7", "best,old")]
    [InlineData("tags.env = 'Dev'", "old")]
    [InlineData("tags.env = 'dev'", "")]
    [InlineData("tags.env ILIKE 'dev'", "old")]
    [InlineData("name LIKE '%l%'", "old,plain")]
    [InlineData("name NOT IN ('old', 'best')", "plain")]
    [InlineData("attributes.status = '1' AND name != 'plain'", "best,old")]
    [InlineData("name = \"old\"", "")]
    [InlineData("creation_timestamp > 0 AND metrics.`acc` >= 0.8", "best,old")]
    [InlineData("metrics.acc > nan", "")]
    public async Task A_filter_keeps_the_models_that_meet_it(string filter, string expected) =>
        Assert.Equal(expected, await NamesAsync(new { filter, order_by = new[] { new { field_name = "name" } } }));

    [Fact]
    public async Task Datasets_narrow_metric_conditions_and_stand_alone_as_well()
    {
        object[] onX = [new { dataset_name = "d", dataset_digest = "x" }];

        Assert.Equal("old", await NamesAsync(new { datasets = onX }));
        Assert.Equal("", await NamesAsync(new { datasets = new[] { new { dataset_name = "d" } } }));
        Assert.Equal("old", await NamesAsync(new { filter = "metrics.acc > 0.7", datasets = onX }));
        Assert.Equal("", await NamesAsync(new { filter = "metrics.acc > 0.95", datasets = onX }));
    }

    [Theory]
    [InlineData("metrics.acc", true, "old,best,plain")]
    [InlineData("metrics.acc", false, "best,old,plain")]
    [InlineData("name", false, "plain,old,best")]
    public async Task Models_are_ordered_by_attribute_or_latest_metric_with_missing_values_last(string field_name, bool ascending, string expected) =>
        Assert.Equal(expected, await NamesAsync(new { order_by = new[] { new { field_name, ascending } } }));

    [Fact]
    public async Task A_metric_can_be_ordered_on_one_dataset()
    {
        var order = new[] { new { field_name = "metrics.acc", ascending = true, dataset_name = "d", dataset_digest = "y" } };

        Assert.StartsWith("best,", await NamesAsync(new { order_by = order }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_are_linked_by_a_token_that_fits_its_own_search_only()
    {
        var order = new[] { new { field_name = "name" } };
        var first = await SearchAsync(new { order_by = order, max_results = 2 });
        var token = (string)first.Json["next_page_token"]!;

        Assert.Equal("best,old", Names(first));
        Assert.Equal("plain", await NamesAsync(new { order_by = order, max_results = 2, page_token = token }));
        Assert.Equal(
            "Filter string in the page token does not match the requested filter string. Expected: name = 'x'. Found: None",
            (await SearchAsync(new { order_by = order, filter = "name = 'x'", page_token = token })).Message);
        Assert.Equal(
            "Order by in the page token does not match the requested order by. Expected: None."
            + " Found: [{'field_name': 'name', 'ascending': True, 'dataset_name': None, 'dataset_digest': None}]",
            (await SearchAsync(new { page_token = token })).Message);
        Assert.Equal(
            $"Experiment IDs in the page token do not match the requested experiment IDs. Expected: ['{experiment}']. Found: None",
            (await SearchAsync(new { page_token = "e30=" })).Message);
    }

    [Fact]
    public async Task A_token_reads_as_MLflow_writes_it_and_then_names_the_last_row()
    {
        var first = await SearchAsync(new { max_results = 1 });
        var last = first.Json["models"]![0]!["info"]!;

        Assert.Equal(
            $$"""{"experiment_ids": ["{{experiment}}"], "filter_string": null, "order_by": null, "offset": 1, """
            + $$""" "order": "m.creation_timestamp_ms DESC, m.model_id ASC", "after": [{{last["creation_timestamp_ms"]}}, "{{last["model_id"]}}"]}""".TrimStart(),
            System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)first.Json["next_page_token"]!)));
    }

    [Fact]
    public async Task Deleted_models_are_not_found()
    {
        await OkAsync(server.SendAsync(HttpMethod.Delete, $"logged-models/{best}"));

        Assert.Equal("old,plain", await NamesAsync(new { order_by = new[] { new { field_name = "name" } } }));
    }

    [Theory]
    [InlineData("""{"order_by": [{"field_name": "foo"}]}""", 400, "Invalid order by field name: foo")]
    [InlineData("""{"order_by": [{"field_name": "params.p"}]}""", 400, "Invalid order by field name: params.p. Only metrics are supported.")]
    [InlineData("""{"datasets": [{"dataset_digest": "x"}]}""", 400, "`dataset_name` in the `datasets` clause must be specified.")]
    [InlineData("""{"filter": "attribute.name = 'x'"}""", 400, "Invalid entity type: 'attribute'. Expected one of ['attributes', 'metrics', 'params', 'tags'].")]
    [InlineData("""{"filter": "foo = 'x'"}""", 500, "type object 'SqlLoggedModel' has no attribute 'foo'")]
    [InlineData("""{"page_token": "not base64!"}""", 400, "Invalid page token: not base64!.")]
    public async Task Bad_searches_are_refused(string body, int status, string message)
    {
        var request = JsonNode.Parse(body)!;
        request["experiment_ids"] = new JsonArray(experiment);

        var answer = await server.PostAsync("logged-models/search", request);

        Assert.Equal(status, answer.Status);
        Assert.Equal(message, answer.Message);
    }

    [Fact]
    public async Task Experiments_are_required_but_may_be_none()
    {
        var missing = await server.PostAsync("logged-models/search", new { });
        var none = await server.PostAsync("logged-models/search", new { experiment_ids = Array.Empty<string>() });

        Assert.StartsWith("Missing value for required parameter 'experiment_ids'.", missing.Message, StringComparison.Ordinal);
        Assert.Equal("{}", none.Text);
    }

    private Task<Answer> SearchAsync(object search)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(search)!;
        body["experiment_ids"] = new JsonArray(experiment);
        return server.PostAsync("logged-models/search", body);
    }

    private async Task<string> NamesAsync(object search)
    {
        var answer = await SearchAsync(search);
        Assert.True(answer.Status == 200, answer.Text);
        return Names(answer);
    }

    private static string Names(Answer answer) =>
        string.Join(',', (answer.Json["models"]?.AsArray() ?? []).Select(model => (string)model!["info"]!["name"]!));
}
