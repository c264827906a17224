using ModelRegistry.Server.Errors;
using Xunit;
using static ModelRegistry.Tests.Tracking.TrackingSteps;

namespace ModelRegistry.Tests.Tracking;

public sealed class MetricHistoryTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Ajax = "/ajax-api/2.0/mlflow/metrics";

    [Fact]
    public async Task Pages_follow_time_then_step_then_value_and_end_without_a_token()
    {
        var run = await server.NewRunAsync();
        await server.LogAsync(run, new { key = "a", value = 3, timestamp = 20, step = 1 });
        await server.LogAsync(run, new { key = "a", value = 2, timestamp = 10, step = 5 });
        await server.LogAsync(run, new { key = "a", value = 1, timestamp = 10, step = -5 });
        await server.LogAsync(run, new { key = "b", value = 9, timestamp = 1 });

        var first = await OkAsync(server.GetAsync($"metrics/get-history?run_id={run}&metric_key=a&max_results=2"));
        var second = await OkAsync(server.GetAsync(
            $"metrics/get-history?run_id={run}&metric_key=a&max_results=2&page_token={first["next_page_token"]}"));

        Assert.Equal([1, 2], Pluck<double>(first["metrics"], "value"));
        Assert.Equal([3], Pluck<double>(second["metrics"], "value"));
        Assert.Null(second["next_page_token"]);
    }

    [Fact]
    public async Task Without_a_page_size_there_is_a_token_but_no_point()
    {
        var run = await server.NewRunAsync();
        await server.LogAsync(run, new { key = "a", value = 1, timestamp = 1 });

        var answer = await server.GetAsync($"metrics/get-history?run_id={run}&metric_key=a");

        Assert.Equal("""{"next_page_token":"eyJvZmZzZXQiOiAwfQ=="}""", answer.Text);
    }

    [Theory]
    [InlineData("run_id=nosuch&metric_key=a&max_results=5")]
    [InlineData("run_uuid=nosuch&metric_key=a")]
    public async Task Unknown_runs_have_no_points(string query) =>
        Assert.Equal("{}", (await server.GetAsync($"metrics/get-history?{query}")).Text);

    [Theory]
    [InlineData("metric_key=a", "Missing value for required parameter 'run_id'.")]
    [InlineData("run_id=x", "Missing value for required parameter 'metric_key'.")]
    [InlineData("run_id=x&metric_key=a&page_token=zzz", "Invalid page token, could not base64-decode")]
    public async Task Bad_history_requests_are_refused(string query, string message)
    {
        var answer = await server.GetAsync($"metrics/get-history?{query}");

        Assert.Equal("INVALID_PARAMETER_VALUE", answer.ErrorCode);
        Assert.StartsWith(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bulk_form_mixes_runs_in_order_of_their_ids_and_keeps_to_the_limit()
    {
        var runs = new[] { await server.NewRunAsync(), await server.NewRunAsync() }.Order(StringComparer.Ordinal).ToList();
        foreach (var run in runs)
        {
            await server.LogAsync(run, new { key = "a", value = 1, timestamp = 1 });
            await server.LogAsync(run, new { key = "a", value = 2, timestamp = 2 });
        }

        var all = await OkAsync(server.GetAsync($"{Ajax}/get-history-bulk?run_id={runs[1]}&run_id={runs[0]}&metric_key=a"));
        var three = await OkAsync(server.GetAsync($"{Ajax}/get-history-bulk?run_id={runs[1]}&run_id={runs[0]}&metric_key=a&max_results=3"));

        Assert.Equal([runs[0], runs[0], runs[1], runs[1]], Pluck<string>(all["metrics"], "run_id"));
        Assert.Equal([1, 2, 1], Pluck<double>(three["metrics"], "value"));
    }

    [Fact]
    public async Task The_bulk_form_writes_a_bare_NaN_and_an_empty_list()
    {
        var run = await server.NewRunAsync();
        await server.LogAsync(run, new { key = "nan", value = "NaN", timestamp = 1 });

        Assert.Contains("\"value\":NaN", (await server.GetAsync($"{Ajax}/get-history-bulk?run_id={run}&metric_key=nan")).Text, StringComparison.Ordinal);
        Assert.Equal("""{"metrics":[]}""", (await server.GetAsync($"{Ajax}/get-history-bulk?run_id={run}&metric_key=none")).Text);
    }

    [Fact]
    public async Task The_bulk_form_is_for_the_UI_alone() =>
        Assert.Equal(404, (await server.GetAsync("metrics/get-history-bulk?run_id=a&metric_key=a")).Status);

    [Theory]
    [InlineData("metric_key=a", "GetMetricHistoryBulk request must specify at least one run_id.")]
    [InlineData("run_id=a", "GetMetricHistoryBulk request must specify a metric_key.")]
    public async Task Bad_bulk_requests_are_refused(string query, string message) =>
        Assert.Equal(message, (await server.GetAsync($"{Ajax}/get-history-bulk?{query}")).Message);

    [Fact]
    public async Task At_most_a_hundred_runs_can_be_asked_for()
    {
        var ids = Enumerable.Range(0, 101).ToList();

        var bulk = await server.GetAsync($"{Ajax}/get-history-bulk?metric_key=a&{string.Join('&', ids.Select(id => $"run_id=x{id}"))}");
        var interval = await server.GetAsync($"{Ajax}/get-history-bulk-interval?metric_key=a&{string.Join('&', ids.Select(id => $"run_ids=x{id}"))}");

        Assert.Equal("GetMetricHistoryBulk request cannot specify more than 100 run_ids. Received 101 run_ids.", bulk.Message);
        Assert.StartsWith("GetMetricHistoryBulkInterval request must specify at most 100 run_ids. Received 101 run_ids.", interval.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sample_goes_run_by_run_in_the_order_asked_for_and_leaves_negative_steps_out()
    {
        var (one, two) = (await server.NewRunAsync(), await server.NewRunAsync());
        foreach (var run in new[] { one, two })
        {
            foreach (var step in new[] { -3, 0, 1, 2, 3, 4, 5, 6, 7 })
                await server.LogAsync(run, new { key = "a", value = step, timestamp = 1, step });
        }

        await server.LogAsync(two, new { key = "a", value = 99, timestamp = 2, step = 0 });

        var sample = await OkAsync(server.GetAsync($"{Ajax}/get-history-bulk-interval?run_ids={two}&run_ids={one}&metric_key=a&max_results=2"));
        var range = await OkAsync(server.GetAsync($"{Ajax}/get-history-bulk-interval?run_ids={one}&metric_key=a&start_step=-3&end_step=1"));

        Assert.Equal([two, two, two, two, one, one, one], Pluck<string>(sample["metrics"], "run_id"));
        Assert.Equal([0, 99, 4, 7, 0, 4, 7], Pluck<double>(sample["metrics"], "value"));
        Assert.Equal([-3, 0, 1], Pluck<long>(range["metrics"], "step"));
    }

    [Theory]
    [InlineData("start_step=1", "If either start step or end step are specified, both must be specified.")]
    [InlineData("start_step=5&end_step=1", "end_step must be greater than start_step. Found start_step=5 and end_step=1.")]
    [InlineData("max_results=0", "max_results must be between 1 and 2500. See the API docs for more information about request parameters.")]
    [InlineData("max_results=2501", "max_results must be between 1 and 2500. See the API docs for more information about request parameters.")]
    public async Task Bad_intervals_are_refused(string query, string message)
    {
        var answer = await server.GetAsync($"{Ajax}/get-history-bulk-interval?run_ids=x&metric_key=a&{query}");

        Assert.Equal("INVALID_PARAMETER_VALUE", answer.ErrorCode);
        Assert.Equal(message, answer.Message);
    }
}
