using BenchmarkDotNet.Attributes;
using Dapper;
using ModelRegistry.Tests;
using MySqlConnector;

namespace ModelRegistry.Benchmarks.Micro;

/// <summary>MySqlConnector against a MariaDB of its own on this machine.</summary>
[MemoryDiagnoser]
public class DriverBenchmarks : IAsyncDisposable
{
    private MariaDbServer? server;
    private MySqlDataSource? source;

    [GlobalSetup]
    public async Task StartAsync()
    {
        server = await MariaDbServer.StartAsync();
        source = new MySqlDataSource(server.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync("CREATE DATABASE bench");
        await connection.ExecuteAsync("CREATE TABLE bench.rows_to_read (id INT PRIMARY KEY, text VARCHAR(200))");
        await connection.ExecuteAsync("INSERT INTO bench.rows_to_read SELECT seq, REPEAT('x', 100) FROM seq_1_to_1000");
    }

    [GlobalCleanup]
    public Task StopAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (source is not null)
            await source.DisposeAsync();
        if (server is not null)
            await server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public async Task<string?> SelectByKey()
    {
        await using var connection = await source!.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<string>("SELECT text FROM bench.rows_to_read WHERE id = @id", new { id = 7 });
    }

    [Benchmark]
    public async Task<int> SelectThousandRows()
    {
        await using var connection = await source!.OpenConnectionAsync();
        return (await connection.QueryAsync<string>("SELECT text FROM bench.rows_to_read")).AsList().Count;
    }
}
