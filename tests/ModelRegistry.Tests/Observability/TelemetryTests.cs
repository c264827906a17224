using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using ModelRegistry.Server.Observability;
using ModelRegistry.Tests.Webhooks;
using Xunit;

namespace ModelRegistry.Tests.Observability;

public sealed class TelemetryTests : IAsyncLifetime
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private readonly ConcurrentQueue<(string Path, byte[] Body)> received = [];
    private WebApplication receiver = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        receiver = builder.Build();
        receiver.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            received.Enqueue((http.Request.Path, body.ToArray()));
        });
        await receiver.StartAsync();
    }

    public Task DisposeAsync() => receiver.DisposeAsync().AsTask();

    [Fact]
    public async Task Spans_and_metrics_go_to_the_receiver_that_the_standard_variables_name()
    {
        await using var server = await ServerProcess.StartAsync(new ServerProcessOptions
        {
            Environment = new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Urls.First(),
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
            },
        });
        using var client = new HttpClient { BaseAddress = server.Url };
        client.DefaultRequestHeaders.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");

        using var answer = await client.GetAsync(new Uri("/api/2.0/mlflow/runs/get?run_id=hidden", UriKind.Relative));

        await WaitForAsync("/v1/traces", "GET /api/2.0/mlflow/runs/get", "http.response.status_code", "modelregistry", Latin(Convert.FromHexString(TraceId)));
        await WaitForAsync("/v1/metrics", "http.server.request.duration", "modelregistry.entities", "db.client.connection.count");
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public void Without_the_variables_nothing_is_traced()
    {
        using var none = Telemetry.Start(_ => null);

        Assert.False(none.HasTraces);
        Assert.Empty(received);
    }

    private Task WaitForAsync(string path, params string[] parts) =>
        WebhookReceiver.WaitUntilAsync(
            () => Task.FromResult(received.Any(call => call.Path == path && parts.All(part => Latin(call.Body).Contains(part, StringComparison.Ordinal)))),
            () => $"{path} got {received.Count(call => call.Path == path)} calls, none with {string.Join(", ", parts)}");

    private static string Latin(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
