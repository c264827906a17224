using ModelRegistry.Tests.Concurrency;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>How often a call asks MariaDB and waits for the answer, which is what it costs where the database is not on the same machine.</summary>
public sealed class RoundTripTests : MySqlFixture
{
    private const int Repetitions = 8;

    [MariaDbFact]
    public async Task Calls_ask_the_database_no_more_often_than_they_must()
    {
        await using var server = await StartedServer.StartAsync(
            options => options with { BackendStoreUri = $"mysql://root@127.0.0.1:{Proxy.Port}/{Name}?ssl_disabled=true" });
        var caller = new Caller(server.Client);
        var model = await caller.NewModelAsync(versions: 2);
        var run = (string)(await caller.PostAsync("runs/create", new { experiment_id = "0", start_time = 1 })).Json["run"]!["info"]!["run_id"]!;
        Crowd.AssertAllOk([await caller.PostAsync("registered-models/alias", new { name = model, alias = "champion", version = "1" })]);
        var metrics = Enumerable.Range(0, 10).Select(step => new { key = "loss", value = 0.5, timestamp = 1, step }).ToArray();

        await AssertAsync(1, () => caller.SendAsync(HttpMethod.Get, $"registered-models/alias?name={model}&alias=champion"));
        await AssertAsync(2, () => caller.SendAsync(HttpMethod.Get, $"registered-models/get?name={model}"));
        await AssertAsync(3, () => caller.NewVersionAsync(model));
        await AssertAsync(4, () => caller.PostAsync("registered-models/set-tag", new { name = model, key = "quality", value = "high" }));
        await AssertAsync(3, () => caller.PostAsync("runs/search", new { experiment_ids = new[] { "0" } }));
        await AssertAsync(3, () => caller.PostAsync("runs/log-batch", new { run_id = run, metrics }));
        await AssertAsync(4, () => caller.PostAsync("runs/create", new { experiment_id = "0", start_time = 1 }));
    }

    /// <remarks>Of several, the least counts: what the server does by itself meanwhile goes the same way.</remarks>
    private async Task AssertAsync(int expected, Func<Task<Answer>> call)
    {
        var counts = new List<int>();
        for (var time = 0; time < Repetitions; time++)
        {
            var before = Proxy.RoundTrips;
            Crowd.AssertAllOk([await call()]);
            counts.Add(Proxy.RoundTrips - before);
        }

        Assert.Equal(expected, counts.Min());
    }
}
