using MySqlConnector;
using Xunit;

namespace ModelRegistry.Tests.Concurrency;

/// <summary>Two processes of the server on one MariaDB of their own that keeps what it has committed.</summary>
public class Replicas : IAsyncLifetime
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(60);
    private readonly List<HttpClient> clients = [];

    internal MariaDbServer MariaDb { get; private set; } = null!;

    internal ServerProcess First { get; private set; } = null!;

    internal ServerProcess Second { get; private set; } = null!;

    internal Crowd Crowd => new([.. clients]);

    public async Task InitializeAsync()
    {
        if (MariaDbServer.SkipReason is not null)
            return;
        MariaDb = await MariaDbServer.StartAsync(isDurable: true);
        await using (var admin = new MySqlDataSource(MariaDb.ConnectionString))
        await using (var connection = await admin.OpenConnectionAsync())
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "CREATE DATABASE shared";
            await command.ExecuteNonQueryAsync();
        }

        // At once, so that both find an empty database.
        var (first, second) = await ArgumentsAsync();
        var servers = await Task.WhenAll(StartAsync(first), StartAsync(second));
        (First, Second) = (servers[0], servers[1]);
        clients.AddRange(servers.Select(NewClient));
    }

    /// <summary>Both servers again, after they have ended.</summary>
    internal async Task StartAgainAsync()
    {
        await Task.WhenAll(First.StartAgainAsync(), Second.StartAgainAsync());
        clients.ForEach(client => client.Dispose());
        clients.Clear();
        clients.AddRange([NewClient(First), NewClient(Second)]);
    }

    public virtual async Task DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        if (First is not null)
            await First.DisposeAsync();
        if (Second is not null)
            await Second.DisposeAsync();
        if (MariaDb is not null)
            await MariaDb.DisposeAsync();
    }

    /// <summary>What the two servers are told besides the database.</summary>
    private protected virtual Task<(string[] First, string[] Second)> ArgumentsAsync() => Task.FromResult<(string[], string[])>(([], []));

    private Task<ServerProcess> StartAsync(string[] arguments) => ServerProcess.StartAsync(
        new ServerProcessOptions { BackendStoreUri = $"mysql://root@127.0.0.1:{MariaDb.Port}/shared", Arguments = arguments });

    private static HttpClient NewClient(ServerProcess server) => new() { BaseAddress = server.Url, Timeout = CallLimit };
}
