using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Tracking;

public sealed class ExperimentSearchTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Theory]
    [InlineData("name = '{0}-a'", "a")]
    [InlineData("name != '{0}-a' AND name LIKE '{0}%'", "b c")]
    [InlineData("name ILIKE '{1}-B'", "b")]
    [InlineData("name LIKE '{1}-%'", "")]
    [InlineData("name LIKE '{0}%' AND tags.team = 'x'", "a")]
    [InlineData("name LIKE '{0}%' AND tags.team != 'x'", "b")]
    [InlineData("name LIKE '{0}%' AND tags.team IS NULL", "c")]
    [InlineData("name LIKE '{0}%' AND tag.team IS NOT NULL", "a b")]
    [InlineData("name LIKE '{0}%' AND creation_time > 0", "a b c")]
    [InlineData("name LIKE '{0}%' AND last_update_time < 5", "")]
    public async Task Filters_find(string filter, string expected)
    {
        var prefix = await CreateThreeAsync();

        var found = await SearchAsync(new
        {
            max_results = 10,
            filter = string.Format(System.Globalization.CultureInfo.InvariantCulture, filter, prefix, prefix.ToUpperInvariant()),
            order_by = new[] { "name" },
        });

        Assert.Equal(expected, string.Join(' ', found.Select(name => name[^1])));
    }

    [Fact]
    public async Task Pages_follow_each_other()
    {
        var prefix = await CreateThreeAsync();
        var filter = $"name LIKE '{prefix}%'";

        var first = (await server.DoAsync("experiments/search", new { max_results = 2, filter, order_by = new[] { "name DESC" } }))!;
        var token = (string)first["next_page_token"]!;
        var second = await server.DoAsync("experiments/search", new { max_results = 2, filter, order_by = new[] { "name DESC" }, page_token = token });

        Assert.Equal([$"{prefix}-c", $"{prefix}-b"], Names(first));
        Assert.Equal([$"{prefix}-a"], Names(second));
        Assert.Null(second["next_page_token"]);
    }

    [Fact]
    public async Task The_view_decides_about_deleted_experiments()
    {
        var prefix = await CreateThreeAsync();
        var filter = $"name LIKE '{prefix}%'";
        var deleted = await server.GetAsync($"experiments/get-by-name?experiment_name={prefix}-b");
        await server.DoAsync("experiments/delete", new { experiment_id = (string)deleted.Json["experiment"]!["experiment_id"]! });

        Assert.Equal(2, (await SearchAsync(new { max_results = 5, filter })).Count);
        Assert.Single(await SearchAsync(new { max_results = 5, filter, view_type = "DELETED_ONLY" }));
        Assert.Equal(3, (await SearchAsync(new { max_results = 5, filter, view_type = 3 })).Count);
    }

    [Theory]
    [InlineData("{}", "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer")]
    [InlineData("""{"max_results": 50001}""", "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000")]
    [InlineData("""{"max_results": 5, "order_by": ["tags.x"]}""", "Invalid order_by entity: tag")]
    public async Task Bad_searches_are_answered_in_MLflows_words(string body, string message)
    {
        var answer = await server.PostAsync("experiments/search", JsonNode.Parse(body)!);

        Assert.Equal((400, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Clients_of_the_first_line_list_experiments_in_the_order_of_their_ids()
    {
        await CreateThreeAsync();

        var page = await server.GetAsync("/api/2.0/preview/mlflow/experiments/list?max_results=2");
        var all = await server.GetAsync("experiments/list?view_type=ALL");

        Assert.Equal("0", (string?)page.Json["experiments"]![0]!["experiment_id"]);
        Assert.Equal(2, page.Json["experiments"]!.AsArray().Count);
        Assert.NotNull(page.Json["next_page_token"]);
        Assert.True(all.Json["experiments"]!.AsArray().Count >= 4);
    }

    private async Task<string> CreateThreeAsync()
    {
        var prefix = TrackingCalls.UniqueName("s");
        await server.DoAsync("experiments/create", new { name = $"{prefix}-a", tags = new[] { new { key = "team", value = "x" } } });
        await server.DoAsync("experiments/create", new { name = $"{prefix}-b", tags = new[] { new { key = "team", value = "y" } } });
        await server.DoAsync("experiments/create", new { name = $"{prefix}-c" });
        return prefix;
    }

    private async Task<List<string>> SearchAsync(object body) => Names(await server.DoAsync("experiments/search", body));

    private static List<string> Names(JsonNode answer) => [.. (answer["experiments"]?.AsArray() ?? []).Select(item => (string)item!["name"]!)];
}
