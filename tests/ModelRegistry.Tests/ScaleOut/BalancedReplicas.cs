using ModelRegistry.Tests.Concurrency;
using MySqlConnector;
using Xunit;

namespace ModelRegistry.Tests.ScaleOut;

/// <summary>Three processes of the server behind nginx, on one MariaDB that keeps what it has committed.</summary>
public sealed class BalancedReplicas : IAsyncLifetime
{
    private readonly List<(ServerProcess Process, int Port)> servers = [];
    private MariaDbServer? mariaDb;
    private readonly List<HttpClient> clients = [];

    internal NginxBalancer Balancer { get; private set; } = null!;

    internal IReadOnlyList<(ServerProcess Process, int Port)> Servers => servers;

    /// <summary>Callers that know the balancer alone.</summary>
    internal Crowd Crowd => new([.. clients]);

    public async Task InitializeAsync()
    {
        if (NginxBalancer.SkipReason is not null)
            return;
        mariaDb = await MariaDbServer.StartAsync(isDurable: true);
        await using (var admin = new MySqlDataSource(mariaDb.ConnectionString))
        await using (var connection = await admin.OpenConnectionAsync())
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "CREATE DATABASE balanced";
            await command.ExecuteNonQueryAsync();
        }

        var ports = Enumerable.Range(0, 3).Select(_ => GuardedFolder.FreePort()).ToList();
        var started = await Task.WhenAll(ports.Select(port => ServerProcess.StartAsync(
            new ServerProcessOptions { BackendStoreUri = $"mysql://root@127.0.0.1:{mariaDb.Port}/balanced", Port = port })));
        servers.AddRange(started.Zip(ports));
        Balancer = await NginxBalancer.StartAsync(ports);
        clients.Add(new HttpClient { BaseAddress = Balancer.Url, Timeout = TimeSpan.FromSeconds(120) });
    }

    public async Task DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        if (Balancer is not null)
            await Balancer.DisposeAsync();
        foreach (var (process, _) in servers)
            await process.DisposeAsync();
        if (mariaDb is not null)
            await mariaDb.DisposeAsync();
    }
}
