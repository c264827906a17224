using ModelRegistry.Tests.Concurrency;
using MySqlConnector;

namespace ModelRegistry.Tests.Caching;

/// <summary>Two servers on one MariaDB and one Redis; the second one's way to Redis can be cut.</summary>
public sealed class CachedReplicas : Replicas
{
    internal RedisServer Redis { get; private set; } = null!;

    internal Relay WayOfSecond { get; private set; } = null!;

    internal AliasHammer NewHammer() => new(First.Url, Second.Url);

    /// <summary>Changes the database behind the servers' backs.</summary>
    internal async Task ExecuteAsync(string sql)
    {
        await using var source = new MySqlDataSource($"{MariaDb.ConnectionString};Database=shared");
        await using var connection = await source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        WayOfSecond?.Dispose();
        if (Redis is not null)
            await Redis.DisposeAsync();
    }

    private protected override async Task<(string[] First, string[] Second)> ArgumentsAsync()
    {
        Redis = await RedisServer.StartAsync();
        WayOfSecond = new Relay(Redis.Port);
        return (["--cache", $"redis://127.0.0.1:{Redis.Port}/2"], ["--cache", $"redis://127.0.0.1:{WayOfSecond.Port}/2"]);
    }
}
