using ModelRegistry.Server.Data;
using ModelRegistry.Server.Data.MySql;
using MySqlConnector;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>A MariaDB database of one test with a table <c>items</c>, reached through a proxy that can do harm.</summary>
public abstract class MySqlFixture : IAsyncLifetime
{
    private readonly List<MySqlSource> sources = [];
    private MariaDbServer server = null!;

    internal string Name { get; } = $"faults_{Guid.NewGuid():N}";

    internal FaultProxy Proxy { get; private set; } = null!;

    /// <summary>A database past the proxy.</summary>
    internal Database Direct { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (MariaDbServer.SkipReason is not null)
            return;
        server = await TestDatabase.SharedMariaDbAsync();
        Proxy = new FaultProxy(server.Port);
        var admin = Open(Keep(new MySqlSource(MySqlAddress.Parse($"mysql://root@127.0.0.1:{server.Port}/mysql"), 1)));
        await admin.ReadAsync(scope => scope.ExecuteAsync($"CREATE DATABASE {Name}; CREATE TABLE {Name}.items (id INT PRIMARY KEY) ENGINE = InnoDB"), default);
        Direct = Open(Keep(new MySqlSource(MySqlAddress.Parse($"mysql://root@127.0.0.1:{server.Port}/{Name}"), 4)));
    }

    public async Task DisposeAsync()
    {
        if (Direct is null)
            return;
        Proxy.IsSilent = false;
        await Direct.ReadAsync(scope => scope.ExecuteAsync($"DROP DATABASE {Name}"), default);
        foreach (var source in sources)
            await source.DisposeAsync();
        Proxy.Dispose();
    }

    /// <summary>Connections that go through the proxy.</summary>
    internal MySqlSource Connect(int maxConnections = 8, string options = "ssl_disabled=true", int commandTimeout = 30) =>
        Keep(new MySqlSource(MySqlAddress.Parse($"mysql://root@127.0.0.1:{Proxy.Port}/{Name}?{options}"), maxConnections, commandTimeout));

    internal static Database Open(MySqlSource source) => new(source, source, MySqlDatabase.Dialect);

    internal static Task<int> InsertAsync(SqlScope scope, int id) => scope.ExecuteAsync("INSERT INTO items (id) VALUES (@id)", new { id });

    /// <summary>What is in the table for others.</summary>
    internal Task<List<int>> ItemsAsync() => Direct.ReadAsync(scope => scope.QueryAsync<int>("SELECT id FROM items ORDER BY id"), default);

    /// <summary>Ends all connections to the test's database but those past the proxy.</summary>
    internal async Task<int> KillAllAsync()
    {
        var ids = await Direct.ReadAsync(
            scope => scope.QueryAsync<long>(
                "SELECT id FROM information_schema.processlist WHERE db = @Name AND host LIKE '%:%' AND id <> CONNECTION_ID()", new { Name }),
            default);
        foreach (var id in ids)
        {
            try
            {
                await Direct.ReadAsync(scope => scope.ExecuteAsync($"KILL {id}"), default);
            }
            catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.NoSuchThread)
            {
                // It has ended by itself.
            }
        }

        return ids.Count;
    }

    private MySqlSource Keep(MySqlSource source)
    {
        sources.Add(source);
        return source;
    }
}
