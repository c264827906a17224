using System.Net;
using Xunit;

namespace ModelRegistry.Tests.Hosting;

/// <summary>A server that is told to stop first tells its load balancer.</summary>
[Trait("Database", "SQLite")]
public sealed class DrainTests
{
    [Fact]
    public async Task A_draining_server_answers_calls_but_not_probes_and_closes_connections()
    {
        await using var server = await ServerProcess.StartAsync(new ServerProcessOptions { Arguments = ["--drain-seconds", "5"] });
        using var client = new HttpClient { BaseAddress = server.Url };
        using (var before = await client.GetAsync(new Uri("/health", UriKind.Relative)))
            Assert.Equal((HttpStatusCode.OK, false), (before.StatusCode, before.Headers.ConnectionClose ?? false));

        var stopping = server.StopAsync();
        while (!stopping.IsCompleted)
        {
            using var probe = await client.GetAsync(new Uri("/health", UriKind.Relative));
            if (probe.StatusCode == HttpStatusCode.ServiceUnavailable)
                break;
            await Task.Delay(20);
        }

        using var call = await client.GetAsync(new Uri("/api/2.0/mlflow/experiments/get?experiment_id=0", UriKind.Relative));
        Assert.Equal((HttpStatusCode.OK, true), (call.StatusCode, call.Headers.ConnectionClose ?? false));
        Assert.Equal(0, await stopping);
    }
}
