using System.Text;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Observability;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using Xunit;

namespace ModelRegistry.Tests.Observability;

public sealed class TelemetryTests : IDisposable
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private readonly WireMockServer receiver = Mock.Start();

    public TelemetryTests() => receiver.Given(Request.Create()).RespondWith(Response.Create().WithStatusCode(200));

    public void Dispose() => receiver.Dispose();

    [Fact]
    public async Task Spans_and_metrics_go_to_the_receiver_that_the_standard_variables_name()
    {
        await using var server = await ServerProcess.StartAsync(new ServerProcessOptions
        {
            Environment = new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Url!,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
            },
        });
        using var client = new HttpClient { BaseAddress = server.Url };
        client.DefaultRequestHeaders.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");

        using var answer = await client.GetAsync(new Uri("/api/2.0/mlflow/runs/get?run_id=hidden", UriKind.Relative));

        await WaitForAsync("/v1/traces", "GET /api/2.0/mlflow/runs/get", "http.response.status_code", "modelregistry", Latin(Convert.FromHexString(TraceId)));
        await WaitForAsync("/v1/traces", "SELECT runs", "db.system.name", TestDatabase.IsMariaDb ? "mysql" : "sqlite", "db.operation.name", Latin(Convert.FromHexString(TraceId)));
        await WaitForAsync("/v1/metrics", "http.server.request.duration", "modelregistry.entities", "db.client.connection.count");
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Without_the_variables_nothing_is_traced()
    {
        using var none = Telemetry.Start(_ => null);
        await using var server = await StartedServer.StartAsync(options => options);

        Assert.False(none.HasTraces);
        Assert.Null(server.App.Services.GetRequiredService<Databases>().Tracking.StatementWatch);
        Assert.Empty(receiver.LogEntries);
    }

    [Theory]
    [InlineData("  select x from \"runs\" r", "SELECT", "runs")]
    [InlineData("SELECT a FROM (SELECT 1 FROM tags) t", "SELECT", "tags")]
    [InlineData("INSERT INTO metrics (a) SELECT 1 FROM runs", "INSERT", "metrics")]
    [InlineData("UPDATE experiments SET a = 'from secret'", "UPDATE", "experiments")]
    [InlineData("SELECT 1", "SELECT", "")]
    public void A_span_is_named_by_what_is_done_to_which_table(string sql, string operation, string table) =>
        Assert.Equal((operation, table), StatementSpans.Summary(sql));

    private Task WaitForAsync(string path, params string[] parts) => Wait.UntilAsync(
        () => Bodies(path).Any(body => parts.All(part => body.Contains(part, StringComparison.Ordinal))),
        () => $"{path} got {Bodies(path).Count()} calls, none with {string.Join(", ", parts)}");

    private IEnumerable<string> Bodies(string path) =>
        receiver.LogEntries.Where(entry => entry.RequestMessage!.Path == path).Select(entry => Latin(entry.RequestMessage!.BodyAsBytes!));

    private static string Latin(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
