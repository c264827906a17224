using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ModelRegistry.Tests.Concurrency;
using Xunit;

namespace ModelRegistry.Tests.Caching;

/// <summary>
/// Moves aliases forward, one version after the other and in turn by each server, while readers at every server look for a version that is
/// older than the last one that was acknowledged before they asked.
/// </summary>
internal sealed class AliasHammer(params Uri[] servers)
{
    private const int Versions = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly ConcurrentBag<string> surprises = [];
    private readonly string model = $"hammered-{Guid.NewGuid():N}";

    // Of which round the last acknowledged move was, and to which version.
    private volatile Position? acknowledged;
    private int moves;
    private int reads;

    /// <summary>Hammers while <paramref name="trouble"/> lasts and for at least <paramref name="minMoves"/> moves.</summary>
    public async Task RunAsync(int minMoves, Func<Task> trouble)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var stop = new CancellationTokenSource();
        await PrepareAsync();
        var writer = Task.Run(() => MoveAsync(stop.Token));
        var readers = Enumerable.Range(0, servers.Length * 3).Select(number => Task.Run(() => ReadAsync(servers[number % servers.Length], stop.Token))).ToList();
        await trouble();
        while (Volatile.Read(ref moves) < minMoves && surprises.IsEmpty)
            await Task.Delay(50, limit.Token);
        await stop.CancelAsync();
        await Task.WhenAll([writer, .. readers]);

        Assert.True(surprises.IsEmpty, $"{surprises.Count} surprises in {moves} moves and {reads} reads, such as: {string.Join('\n', surprises.Take(5))}");
        Assert.True(reads > moves, $"{reads} reads, {moves} moves");
    }

    private async Task PrepareAsync()
    {
        using var client = new HttpClient { BaseAddress = servers[0] };
        var caller = new Caller(client);
        Crowd.AssertAllOk([await caller.PostAsync("registered-models/create", new { name = model })]);
        for (var version = 1; version <= Versions; version++)
            Crowd.AssertAllOk([await caller.NewVersionAsync(model)]);
    }

    private async Task MoveAsync(CancellationToken stop)
    {
        var clients = servers.Select(server => new HttpClient { BaseAddress = server }).ToArray();
        for (var round = 0; !stop.IsCancellationRequested; round++)
        {
            for (var version = 1; version <= Versions && !stop.IsCancellationRequested; version++)
            {
                var body = new { name = model, alias = $"a{round}", version = version.ToString(CultureInfo.InvariantCulture) };
                using var answer = await clients[moves % clients.Length].PostAsJsonAsync("/api/2.0/mlflow/registered-models/alias", body, CancellationToken.None);
                if (answer.StatusCode != HttpStatusCode.OK)
                    surprises.Add($"move: {await answer.Content.ReadAsStringAsync(CancellationToken.None)}");
                acknowledged = new Position(round, version);
                Interlocked.Increment(ref moves);
                await Task.Delay(Random.Shared.Next(0, 8), CancellationToken.None);
            }
        }

        Array.ForEach(clients, client => client.Dispose());
    }

    private async Task ReadAsync(Uri server, CancellationToken stop)
    {
        using var client = new HttpClient { BaseAddress = server };
        while (!stop.IsCancellationRequested)
        {
            if (acknowledged is not { } before)
            {
                await Task.Delay(1, CancellationToken.None);
                continue;
            }

            using var answer = await client.GetAsync(
                new Uri($"/api/2.0/mlflow/registered-models/alias?name={model}&alias=a{before.Round}", UriKind.Relative), CancellationToken.None);
            var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            var found = answer.StatusCode == HttpStatusCode.OK ? (string?)JsonNode.Parse(text)!["model_version"]!["version"] : null;
            if (found is null || int.Parse(found, CultureInfo.InvariantCulture) < before.Version)
                surprises.Add($"read at {server} after {before}: {text}");
            Interlocked.Increment(ref reads);
        }
    }

    private sealed record Position(int Round, int Version);
}
