using System.Diagnostics;
using System.Text.Json.Nodes;
using ModelRegistry.Benchmarks.Load;

namespace ModelRegistry.Benchmarks.Growth;

/// <summary>A whole run: databases of every size, one server on each, and what their pages cost.</summary>
internal sealed class GrowthRun(GrowthOptions options)
{
    private const int WarmUp = 20;
    private const int FewestRequests = 5;

    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromMinutes(5) };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "benchmarks", $"run.{Guid.NewGuid().ToString("n")[..6]}")).FullName;
        try
        {
            var measurements = new List<GrowthMeasurement>();
            foreach (var kind in options.Databases)
                measurements.AddRange(await RunAsync(kind, Directory.CreateDirectory(Path.Combine(folder, kind)).FullName, cancellationToken));
            await new GrowthReport(options, measurements).WriteAsync(cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<List<GrowthMeasurement>> RunAsync(string kind, string folder, CancellationToken cancellationToken)
    {
        var database = await BenchDatabase.StartAsync(kind, folder);
        var servers = new List<(int Rows, RunningServer Server)>();
        try
        {
            foreach (var rows in options.Rows)
                servers.Add((rows, await StartAsync(database, folder, rows, cancellationToken)));
            var measurements = new List<GrowthMeasurement>();
            foreach (var each in GrowthCase.All.Where(each => options.Includes(each.Name)))
            {
                measurements.Add(await MeasureAsync(database, each, "first", servers, cancellationToken));
                if (each.Share > 0)
                    measurements.Add(await MeasureAsync(database, each, "deep", servers, cancellationToken));
            }

            return measurements;
        }
        finally
        {
            foreach (var (_, server) in servers)
                await server.DisposeAsync();
            await database.StopAsync();
        }
    }

    /// <summary>A server on tables of so many rows. It is started twice: the first time makes the tables.</summary>
    private static async Task<RunningServer> StartAsync(BenchDatabase database, string folder, int rows, CancellationToken cancellationToken)
    {
        var name = $"rows{rows}";
        var own = Path.Combine(folder, name);
        await using (await Contender.Ours.StartAsync(database.UriOf(name), own, cancellationToken))
        {
        }

        await new GrowthData(database).FillAsync(name, rows, cancellationToken);
        return await Contender.Ours.StartAsync(database.UriOf(name), own, cancellationToken);
    }

    private async Task<GrowthMeasurement> MeasureAsync(
        BenchDatabase database, GrowthCase each, string page, List<(int Rows, RunningServer Server)> servers, CancellationToken cancellationToken)
    {
        var tokens = new Dictionary<int, string?>();
        foreach (var (rows, server) in servers)
            tokens[rows] = page == "first" ? null : await DeepTokenAsync(each, server, rows, cancellationToken);
        var costs = servers.ToDictionary(server => server.Rows, _ => new List<PageCost>());
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (rows, server) in servers)
                costs[rows].Add(await MeasureAsync(database, each, server, tokens[rows], cancellationToken));
        }

        var measurement = new GrowthMeasurement(database.Title, each.Name, page, [.. options.Rows.Select(rows => PageCost.MedianOf(costs[rows]))]);
        Console.Error.WriteLine(measurement);
        return measurement;
    }

    private async Task<PageCost> MeasureAsync(BenchDatabase database, GrowthCase each, RunningServer server, string? token, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < WarmUp && clock.Elapsed.TotalSeconds < options.Seconds; i++)
            await AskAsync(each, server, token, cancellationToken);
        var before = server.Use().CpuSeconds + database.CpuSeconds;
        var times = new List<double>();
        clock.Restart();
        while (times.Count < FewestRequests || clock.Elapsed.TotalSeconds < options.Seconds)
        {
            var start = clock.Elapsed;
            await AskAsync(each, server, token, cancellationToken);
            times.Add((clock.Elapsed - start).TotalMilliseconds);
        }

        var cpu = server.Use().CpuSeconds + database.CpuSeconds - before;
        return new PageCost(PageCost.Median(times), cpu * 1000 / times.Count);
    }

    /// <summary>The token that leads on from a page nine tenths down: what a client has who came there page by page.</summary>
    private static async Task<string> DeepTokenAsync(GrowthCase each, RunningServer server, int rows, CancellationToken cancellationToken)
    {
        var offset = $"{{\"offset\": {(long)(rows * each.Share * 0.9)}}}";
        var answer = JsonNode.Parse(await AskAsync(each, server, each.Token(offset), cancellationToken))!;
        return (string?)answer["next_page_token"] ?? throw new InvalidOperationException($"{each.Name}: there is no page after {offset}");
    }

    private static async Task<string> AskAsync(GrowthCase each, RunningServer server, string? token, CancellationToken cancellationToken)
    {
        using var request = each.Request(server.Url, token);
        using var answer = await Client.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode || text.Length < 50)
            throw new InvalidOperationException($"{each.Name}: {(int)answer.StatusCode} {text}");
        return text;
    }
}
