using System.Diagnostics;
using System.Globalization;
using Dapper;
using MySqlConnector;

namespace ModelRegistry.Benchmarks.Load;

/// <summary>How near the server comes to what its parts alone can do: the web server with the same bytes, the driver with the same statements.</summary>
internal sealed class Limits(LoadOptions options, RunningServer server, BenchDatabase database)
{
    private const string ByAlias = "registered-models/alias?name=bench&alias=champion";
    private const int Writers = 16;

    public async Task<IReadOnlyList<Measurement>> MeasureAsync(string folder, CancellationToken cancellationToken)
    {
        var measurements = new List<Measurement>();
        if (options.Includes("limit-web-server"))
            measurements.AddRange(await MeasureWebAsync(folder, cancellationToken));
        if (options.Includes("limit-single-row-write") && database.ConnectionString is { } connection)
            measurements.AddRange(await MeasureWritesAsync(connection, cancellationToken));
        return measurements;
    }

    private async Task<IEnumerable<Measurement>> MeasureWebAsync(string folder, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        var file = Path.Combine(folder, "answer.json");
        await File.WriteAllBytesAsync(file, await client.GetByteArrayAsync($"{server.Url}/api/2.0/mlflow/{ByAlias}", cancellationToken), cancellationToken);
        await using var bare = await RunningServer.StartAsync(
            ["dotnet", typeof(Limits).Assembly.Location, "bare", file, "--port", "{port}"], folder, cancellationToken);
        await using var caching = await (Contender.Ours with { Command = [.. Contender.Ours.Command, "--cache", "memory"] })
            .StartAsync(database.UriOf(Contender.OursName), Path.Combine(folder, Contender.OursName), cancellationToken);
        await LoadAsync(bare, cancellationToken);
        await LoadAsync(caching, cancellationToken);
        return
        [
            .. await AlternateAsync(
                "limit-web-server", (Contender.OursName, _ => LoadAsync(server, cancellationToken)), ("bare Kestrel", _ => LoadAsync(bare, cancellationToken))),
            .. await AlternateAsync(
                "limit-web-server-cached", ("with --cache memory", _ => LoadAsync(caching, cancellationToken)), ("bare Kestrel", _ => LoadAsync(bare, cancellationToken))),
        ];
    }

    private Task<WrkResult> LoadAsync(RunningServer target, CancellationToken cancellationToken) =>
        Wrk.RunAsync("get", target.Url, 16, options.Seconds, new Dictionary<string, string> { ["CALL"] = ByAlias }, cancellationToken);

    /// <summary>The statements of <c>registered-models/set-tag</c>, sent by as many connections as the server is asked by.</summary>
    private async Task<IEnumerable<Measurement>> MeasureWritesAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var source = new MySqlDataSource(connectionString);
        return await AlternateAsync(
            "limit-single-row-write",
            (Contender.OursName, _ => Wrk.RunAsync("set-tag", server.Url, Writers, options.Seconds, new Dictionary<string, string>(), cancellationToken)),
            ("bare driver", _ => WriteAsync(source, cancellationToken)));
    }

    private async Task<WrkResult> WriteAsync(MySqlDataSource source, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var limit = TimeSpan.FromSeconds(options.Seconds);
        var counts = await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            var count = 0L;
            for (; clock.Elapsed < limit; count++)
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var value = string.Create(CultureInfo.InvariantCulture, $"{writer}-{count}");
                await connection.ExecuteScalarAsync<long?>(
                    "SELECT 1 FROM registered_models WHERE workspace = 'default' AND name = @name", new { name = "bench" }, transaction);
                await connection.ExecuteAsync(
                    """
                    INSERT INTO registered_model_tags (workspace, name, `key`, value) VALUES ('default', @name, @key, @value)
                    ON DUPLICATE KEY UPDATE value = VALUES(value)
                    """, new { name = "bench", key = "quality", value }, transaction);
                await transaction.CommitAsync(cancellationToken);
            }

            return count;
        }));
        return new WrkResult(counts.Sum(), clock.Elapsed.TotalSeconds, 0, 0, 0, 0, 0);
    }

    private async Task<IEnumerable<Measurement>> AlternateAsync(string name, params (string Name, Func<int, Task<WrkResult>> Run)[] sides)
    {
        var rounds = sides.ToDictionary(side => side.Name, _ => new List<WrkResult>());
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var side in sides)
            {
                rounds[side.Name].Add(await side.Run(round));
                Console.Error.WriteLine($"{database.Title}: {name}: {side.Name}: {rounds[side.Name][^1]}");
            }
        }

        return sides.Select(side => Measurement.Of(name, side.Name, rounds[side.Name], 0, 0));
    }
}
