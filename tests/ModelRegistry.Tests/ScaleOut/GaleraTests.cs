using System.Collections.Concurrent;
using System.Diagnostics;
using ModelRegistry.Tests.Caching;
using ModelRegistry.Tests.Concurrency;
using MySqlConnector;
using Xunit;

namespace ModelRegistry.Tests.ScaleOut;

/// <summary>Three replicas, each at a node of its own of one Galera cluster.</summary>
[Trait("Database", "SQLite")]
public sealed class GaleraTests : IAsyncLifetime
{
    private readonly List<ServerProcess> servers = [];
    private readonly List<HttpClient> clients = [];
    private GaleraCluster? cluster;

    private Crowd Crowd => new([.. clients]);

    public async Task InitializeAsync()
    {
        if (GaleraCluster.SkipReason is not null)
            return;
        cluster = await GaleraCluster.StartAsync();
        await using (var admin = new MySqlDataSource(cluster.ConnectionString(0)))
        await using (var connection = await admin.OpenConnectionAsync())
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "CREATE DATABASE spread";
            await command.ExecuteNonQueryAsync();
        }

        // One after the other: locks by name, which keep the tables from being made twice, are those of one node.
        for (var node = 0; node < 3; node++)
        {
            servers.Add(await ServerProcess.StartAsync(new ServerProcessOptions { BackendStoreUri = $"mysql://root@127.0.0.1:{cluster.Port(node)}/spread" }));
            clients.Add(new HttpClient { BaseAddress = servers[node].Url, Timeout = TimeSpan.FromSeconds(120) });
        }
    }

    [GaleraFact]
    public async Task Conflicts_between_nodes_are_tried_again_and_a_lost_node_is_survived()
    {
        for (var round = 0; round < 20; round++)
            await RegistryRaces.VersionsAreNumberedOneByOneAsync(Crowd);
        await RegistryRaces.AliasesAndTagsOfOneModelNeverFailAsync(Crowd);
        await new AliasHammer([.. servers.Select(server => server.Url)]).RunAsync(60, () => Task.CompletedTask);

        var name = await Crowd.At(0).NewModelAsync();
        var acknowledged = new ConcurrentBag<int>();
        var refused = new ConcurrentBag<Answer>();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 6).Select(number => Task.Run(() => WriteAsync(Crowd.At(number)))).ToArray();
        await UntilAsync(() => acknowledged.Count >= 30);
        await cluster!.KillAsync(2);
        var before = acknowledged.Count;
        await UntilAsync(() => acknowledged.Count >= before + 30);
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        // A commit that was on its way when the node went may have taken effect without being acknowledged.
        Assert.All(refused, answer => Assert.Equal(503, answer.Status));
        var versions = await Crowd.At(0).VersionsAsync(name);
        Assert.Equal(versions, await Crowd.At(1).VersionsAsync(name));
        Assert.Equal(acknowledged.Count, acknowledged.Distinct().Count());
        Assert.Empty(acknowledged.Except(versions));
        Assert.Equal(Enumerable.Range(1, versions.Count), versions);

        async Task WriteAsync(Caller caller)
        {
            while (!stop.IsCancellationRequested)
            {
                var answer = await caller.NewVersionAsync(name);
                if (answer.Status == 200)
                    acknowledged.Add(int.Parse((string)answer.Json["model_version"]!["version"]!, null));
                else
                    refused.Add(answer);
            }
        }
    }

    public async Task DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        foreach (var server in servers)
            await server.DisposeAsync();
        if (cluster is not null)
            await cluster.DisposeAsync();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var clock = Stopwatch.StartNew(); !condition(); await Task.Delay(50))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(180), "The writers do not get on.");
    }
}
