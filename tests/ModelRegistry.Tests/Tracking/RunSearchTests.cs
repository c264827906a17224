using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Tracking;

/// <summary>
/// Runs a, b, c, d of one experiment, started one after the other. a, b, c have metric m = 1, 2, NaN, parameter p and tag t = x, Y, z;
/// d has none of them and is finished at 50.
/// </summary>
public sealed class RunSearchFixture : ServerFixture, IAsyncLifetime
{
    public string Experiment { get; private set; } = "";

    public Dictionary<string, string> Ids { get; } = [];

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        Experiment = await this.NewExperimentAsync();
        string[] names = ["a", "b", "c", "d"];
        for (var i = 0; i < names.Length; i++)
            Ids[names[i]] = await this.NewRunAsync(Experiment, names[i], start: i + 1);
        await FillAsync("a", "1", "x");
        await FillAsync("b", "2", "Y");
        await FillAsync("c", "NaN", "z");
        await this.DoAsync("runs/update", new { run_id = Ids["d"], status = "FINISHED", end_time = 50 });
        await this.DoAsync("runs/log-inputs", new
        {
            run_id = Ids["a"],
            datasets = new[]
            {
                new
                {
                    dataset = new { name = "ds", digest = "dig", source_type = "local", source = "{}" },
                    tags = new[] { new { key = "mlflow.data.context", value = "train" } },
                },
            },
        });
    }

    private Task<JsonNode> FillAsync(string run, string metric, string text) => this.DoAsync("runs/log-batch", new
    {
        run_id = Ids[run],
        metrics = new[] { new { key = "m", value = metric, timestamp = 1 } },
        @params = new[] { new { key = "p", value = text } },
        tags = new[] { new { key = "t", value = text } },
    });
}

public sealed class RunSearchTests(RunSearchFixture server) : IClassFixture<RunSearchFixture>
{
    [Theory]
    [InlineData("", "d c b a")]
    [InlineData("metrics.m > 0", "b a")]
    [InlineData("metrics.m > -1", "c b a")]
    [InlineData("metrics.m >= 1.0 AND metrics.m <= 1", "a")]
    [InlineData("metrics.m != 1", "c b")]
    [InlineData("metrics.other = 1", "")]
    [InlineData("params.p = 'x'", "a")]
    [InlineData("params.p = 'X'", "")]
    [InlineData("params.p != 'x'", "c b")]
    [InlineData("params.p LIKE 'y%'", "")]
    [InlineData("params.p ILIKE 'y%'", "b")]
    [InlineData("params.p IS NULL", "d")]
    [InlineData("params.p IS NOT NULL", "c b a")]
    [InlineData("tags.t = 'z' and params.p = 'z'", "c")]
    [InlineData("tags.t IS NULL", "d")]
    [InlineData("run_name = 'b'", "b")]
    [InlineData("attributes.`run name` LIKE 'c'", "c")]
    [InlineData("status = 'FINISHED'", "d")]
    [InlineData("attributes.status != 'FINISHED'", "c b a")]
    [InlineData("start_time >= 3", "d c")]
    [InlineData("created < 2", "a")]
    [InlineData("end_time = 50", "d")]
    [InlineData("run_id = '{a}'", "a")]
    [InlineData("run_id IN ('{a}', '{c}')", "c a")]
    [InlineData("run_id NOT IN ('{a}', '{c}')", "d b")]
    [InlineData("run_id IN ('1')", "")]
    [InlineData("run_id NOT IN ('1')", "d c b a")]
    [InlineData("dataset.name = 'ds' AND dataset.digest LIKE 'd%' AND dataset.context = 'train'", "a")]
    [InlineData("dataset.name IN ('ds')", "a")]
    [InlineData("dataset.context != 'train'", "")]
    public async Task Filters_find(string filter, string expected)
    {
        foreach (var (name, id) in server.Ids)
            filter = filter.Replace($"{{{name}}}", id, StringComparison.Ordinal);

        Assert.Equal(expected, await NamesAsync(new { experiment_ids = new[] { server.Experiment }, filter }));
    }

    [Theory]
    [InlineData("metrics.m", "a b c d")]
    [InlineData("metrics.m DESC", "b a c d")]
    [InlineData("params.p", "b a c d")]
    [InlineData("tags.t DESC", "c a b d")]
    [InlineData("start_time", "a b c d")]
    [InlineData("attributes.start_time DESC", "d c b a")]
    [InlineData("end_time", "d c b a")]
    [InlineData("end_time DESC", "d c b a")]
    [InlineData("run_name DESC", "d c b a")]
    [InlineData("status ASC", "d c b a")]
    public async Task Orders_put_missing_values_last(string order, string expected) =>
        Assert.Equal(expected, await NamesAsync(new { experiment_ids = new[] { server.Experiment }, order_by = new[] { order } }));

    [Fact]
    public async Task Several_orders_apply_one_after_the_other() =>
        Assert.Equal("d a b c", await NamesAsync(new { experiment_ids = new[] { server.Experiment }, order_by = new[] { "status", "start_time" } }));

    [Fact]
    public async Task A_filter_may_be_longer_than_the_list_of_tables_that_a_database_joins() =>
        await Filters_find(string.Join(" AND ", Enumerable.Repeat("params.p != 'Y' AND tags.t LIKE '%' AND metrics.m < 9", 30)), "c a");

    [Fact]
    public async Task Pages_follow_each_other()
    {
        var first = await server.DoAsync("runs/search", new { experiment_ids = new[] { server.Experiment }, max_results = 3 });
        var second = await server.DoAsync(
            "runs/search", new { experiment_ids = new[] { server.Experiment }, max_results = 3, page_token = (string)first["next_page_token"]! });

        Assert.Equal(("d c b", "a"), (Names(first), Names(second)));
        Assert.Null(second["next_page_token"]);
    }

    [Fact]
    public async Task A_found_run_has_its_data_and_inputs()
    {
        var answer = await server.DoAsync("runs/search", new { experiment_ids = new[] { server.Experiment }, filter = "run_name = 'a'" });

        var run = answer["runs"]![0]!;
        Assert.Equal(("1", "x", "x"), (run.Values("metrics")["m"], run.Values("params")["p"], run.Values("tags")["t"]));
        Assert.Equal("ds", (string?)run["inputs"]!["dataset_inputs"]![0]!["dataset"]!["name"]);
        Assert.Equal("{}", run["outputs"]!.ToJsonString());
    }

    [Fact]
    public async Task The_view_decides_about_deleted_runs()
    {
        var experiment = await server.NewExperimentAsync();
        var deleted = await server.NewRunAsync(experiment, "gone");
        await server.NewRunAsync(experiment, "here");
        await server.DoAsync("runs/delete", new { run_id = deleted });

        Assert.Equal("here", await NamesAsync(new { experiment_ids = new[] { experiment } }));
        Assert.Equal("gone", await NamesAsync(new { experiment_ids = new[] { experiment }, run_view_type = "DELETED_ONLY" }));
        Assert.Equal(2, (await NamesAsync(new { experiment_ids = new[] { experiment }, run_view_type = "ALL" })).Split(' ').Length);
    }

    [Fact]
    public async Task Several_and_unknown_experiments_can_be_searched_together()
    {
        var other = await server.NewExperimentAsync();
        await server.NewRunAsync(other, "e", start: 9);

        Assert.Equal("e d c b a", await NamesAsync(new { experiment_ids = new[] { server.Experiment, other, "999999" } }));
        Assert.Equal("", await NamesAsync(new { experiment_ids = new[] { "999999" } }));
        Assert.Equal("", await NamesAsync(new { }));
    }

    [Theory]
    [InlineData("""{"experiment_ids": ["abc"]}""", 500, "invalid literal for int() with base 10: 'abc'")]
    [InlineData("""{"max_results": 0}""", 400, "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer")]
    [InlineData("""{"page_token": "bad"}""", 400, "Invalid page token, could not base64-decode")]
    [InlineData("""{"order_by": ["a", "metrics.m UP"]}""", 400, null)]
    [InlineData("""{"order_by": ["start_time", "start_time desc"]}""", 500, "`order_by` contains duplicate fields: ['start_time', 'start_time desc']")]
    [InlineData("""{"filter": "metrics.a > 1 OR metrics.b > 2"}""", 400, "Invalid clause(s) in filter string: 'OR'")]
    public async Task Bad_searches_are_answered_in_MLflows_words(string body, int status, string? message)
    {
        var answer = await server.PostAsync("runs/search", JsonNode.Parse(body)!);

        Assert.Equal(status, answer.Status);
        if (message is not null)
            Assert.Equal(message, answer.Message);
    }

    private async Task<string> NamesAsync(object body) => Names(await server.DoAsync("runs/search", body));

    private static string Names(JsonNode answer) =>
        string.Join(' ', (answer["runs"]?.AsArray() ?? []).Select(run => (string)run!["info"]!["run_name"]!));
}
