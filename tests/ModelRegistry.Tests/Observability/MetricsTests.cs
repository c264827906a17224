using System.Text.RegularExpressions;
using Xunit;

namespace ModelRegistry.Tests.Observability;

public sealed partial class MetricsTests
{
    [Fact]
    public async Task Without_the_flag_there_are_no_metrics()
    {
        await using var server = await StartedServer.StartAsync(options => options);

        Assert.Equal(404, (await server.GetAsync("/metrics")).Status);
    }

    [Fact]
    public async Task Requests_are_measured_by_route_and_status_and_never_by_path()
    {
        await using var server = await StartAsync();
        await server.PostAsync("/api/2.0/mlflow/registered-models/create", """{"name": "secret-name"}""");
        await server.GetAsync("/api/2.0/mlflow/registered-models/get?name=secret-name");
        await server.GetAsync("/api/2.0/mlflow/registered-models/get?name=other-name");
        await server.GetAsync("/api/2.0/mlflow-artifacts/artifacts/secret/path");
        await server.GetAsync("/secret/path");

        var text = await ReadAsync(server);

        const string Count = "http_server_request_duration_seconds_count";
        const string Get = """http_route="/api/2.0/mlflow/registered-models/get"}""";
        Assert.Equal(1, Value(text, $$"""{{Count}}{http_request_method="GET",http_response_status_code="200",{{Get}}"""));
        Assert.Equal(1, Value(text, $$"""{{Count}}{http_request_method="GET",http_response_status_code="404",{{Get}}"""));
        Assert.Equal(1, Value(text, $$"""{{Count}}{http_request_method="GET",http_response_status_code="404"}"""));
        Assert.Contains("""http_route="/api/2.0/mlflow-artifacts/artifacts/{**artifact_path}""", text, StringComparison.Ordinal);
        Assert.Equal(1, Value(text, """http_server_active_requests{http_request_method="GET"}"""));
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_in_the_database_is_counted()
    {
        await using var server = await StartAsync();
        await server.PostAsync("/api/2.0/mlflow/registered-models/create", """{"name": "m"}""");
        await server.PostAsync("/api/2.0/mlflow/model-versions/create", """{"name": "m", "source": "s3://b/k"}""");
        await server.PostAsync("/api/2.0/mlflow/model-versions/create", """{"name": "m", "source": "s3://b/k"}""");
        await server.PostAsync("/api/2.0/mlflow/runs/create", """{"experiment_id": "0"}""");

        var text = await ReadAsync(server);

        Assert.Equal([1, 2, 1, 1, 0], new[] { "registered_model", "model_version", "experiment", "run", "logged_model" }
            .Select(kind => Value(text, $$"""modelregistry_entities{kind="{{kind}}"}""")));
        Assert.Equal((0, 0, 0), (Value(text, "modelregistry_webhooks_pending"), Value(text, "modelregistry_webhooks_dead"), Value(text, "modelregistry_webhooks_lag_seconds")));
        Assert.True(Value(text, "process_resident_memory_bytes") > 1 << 20);
    }

    [Fact]
    public async Task Every_line_is_one_that_prometheus_reads_and_every_name_is_announced_once()
    {
        await using var server = await StartAsync();
        await server.GetAsync("/version");

        var text = await ReadAsync(server);

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(Line(), line));
        var announced = lines.Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]).ToList();
        Assert.Equal(announced.Distinct(), announced);
        Assert.Contains("db_client_connection_count", announced);
        Assert.Contains("db_client_connection_pending_requests", announced);
        foreach (var series in lines.Where(line => line.Contains("_bucket{", StringComparison.Ordinal)).GroupBy(line => line[..line.IndexOf("le=", StringComparison.Ordinal)]))
        {
            var counts = series.Select(line => double.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(counts.Order(), counts);
        }
    }

    [Fact]
    public async Task Bytes_of_artifacts_are_counted_both_ways()
    {
        await using var server = await StartAsync();
        var before = await ReadAsync(server);
        using var content = new ByteArrayContent(new byte[300_000]);
        using var put = await server.Client.PutAsync(new Uri("/api/2.0/mlflow-artifacts/artifacts/f", UriKind.Relative), content);
        await server.GetAsync("/api/2.0/mlflow-artifacts/artifacts/f");

        var after = await ReadAsync(server);

        // Servers of other tests in this process are counted as well.
        foreach (var name in new[] { "modelregistry_artifacts_received_bytes_total", "modelregistry_artifacts_sent_bytes_total" })
            Assert.True(Value(after, name) - (before.Contains(name, StringComparison.Ordinal) ? Value(before, name) : 0) >= 300_000, name);
    }

    [Fact]
    public async Task Below_a_static_prefix_the_metrics_are_at_both_places()
    {
        await using var server = await StartedServer.StartAsync(options => options with { ExposeMetrics = true, StaticPrefix = "/mlflow" });

        Assert.Equal((200, 200), ((await server.GetAsync("/metrics")).Status, (await server.GetAsync("/mlflow/metrics")).Status));
    }

    private static Task<StartedServer> StartAsync() => StartedServer.StartAsync(options => options with { ExposeMetrics = true });

    private static async Task<string> ReadAsync(StartedServer server)
    {
        using var answer = await server.Client.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        return await answer.Content.ReadAsStringAsync();
    }

    private static double Value(string text, string series) =>
        double.Parse(
            text.Split('\n').Single(line => line.StartsWith(series + " ", StringComparison.Ordinal))[(series.Length + 1)..],
            System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="([^"\\\n]|\\.)*"(,[a-z_]+="([^"\\\n]|\\.)*")*\})? [-+0-9.eEInf]+)$""")]
    private static partial Regex Line();
}
