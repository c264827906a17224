using System.Diagnostics;

namespace ModelRegistry.Benchmarks.Load;

/// <summary>A whole run: data, servers that take turns, table.</summary>
internal sealed class LoadRun(LoadOptions options)
{
    // A server runs for weeks; what it compiles in its first seconds is not what is asked for.
    private const int WarmUpSeconds = 6;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Inside the repository, so that a Python that lives in a root of its own, and sees only the current folder, finds its database.
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "benchmarks", $"run.{Guid.NewGuid().ToString("n")[..6]}")).FullName;
        try
        {
            var reports = new List<DatabaseReport>();
            foreach (var kind in options.Databases)
                reports.Add(await RunAsync(kind, Path.Combine(folder, kind), cancellationToken));
            await new Report(options, reports).WriteAsync(cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<DatabaseReport> RunAsync(string kind, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(folder, Contender.OursName));
        var database = await BenchDatabase.StartAsync(kind, folder);
        try
        {
            return await RunAsync(database, folder, cancellationToken);
        }
        finally
        {
            await database.StopAsync();
        }
    }

    private async Task<DatabaseReport> RunAsync(BenchDatabase database, string folder, CancellationToken cancellationToken)
    {
        var seeded = await SeedAsync(database, folder, cancellationToken);
        var contenders = new List<Contender> { Contender.Ours };
        if (await ChooseOfficialAsync(database, folder, cancellationToken) is { } official)
            contenders.Add(official);

        var servers = new List<(string Name, RunningServer Server)>();
        try
        {
            foreach (var contender in contenders)
                servers.Add((contender.Name, await contender.StartAsync(database.UriOf(contender.Name), Path.Combine(folder, contender.Name), cancellationToken)));
            var starts = servers.Select(each => new StartMeasurement(
                each.Name, each.Server.ColdStart.TotalSeconds, each.Server.Use().ResidentBytes / 1048576.0)).ToList();
            var measurements = new List<Measurement>();
            foreach (var load in LoadCases.All(seeded).Where(load => options.Includes(load.Name)))
                measurements.AddRange(await MeasureAsync(database.Title, load, servers, cancellationToken));
            measurements.AddRange(await new Limits(options, servers[0].Server, database).MeasureAsync(folder, cancellationToken));
            measurements.AddRange(await new LargeArtifact(options, servers).MeasureAsync(folder, cancellationToken));
            return new DatabaseReport(database.Title, starts, measurements);
        }
        finally
        {
            foreach (var (_, server) in servers)
                await server.DisposeAsync();
        }
    }

    private async Task<Seeded> SeedAsync(BenchDatabase database, string folder, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await using var server = await Contender.Ours.StartAsync(database.UriOf(Contender.OursName), Path.Combine(folder, Contender.OursName), cancellationToken);
        using var seed = new Seed(server.Url, options);
        var seeded = await seed.RunAsync(cancellationToken);
        Console.Error.WriteLine($"{database.Title}: filled in {clock.Elapsed.TotalSeconds:0} s");
        return seeded;
    }

    /// <summary>MLflow's own server on a copy of the data, with the number of workers that answers most.</summary>
    private static async Task<Contender?> ChooseOfficialAsync(BenchDatabase database, string folder, CancellationToken cancellationToken)
    {
        if (Contender.Official(1) is not { Name: var name })
        {
            Console.Error.WriteLine("MLflow: NOT RUN (set MLFLOW_PYTHON to a Python that has mlflow)");
            return null;
        }

        CopyFolder(Path.Combine(folder, Contender.OursName, "mlartifacts"), Path.Combine(folder, name, "mlartifacts"));
        await database.CopyAsync(Contender.OursName, name, cancellationToken);
        var best = (Contender: (Contender?)null, Rate: -1.0);
        foreach (var workers in (int[])[Environment.ProcessorCount, 2 * Environment.ProcessorCount])
        {
            var contender = Contender.Official(workers)!;
            await using var server = await contender.StartAsync(database.UriOf(name), Path.Combine(folder, name), cancellationToken);
            var call = new Dictionary<string, string> { ["CALL"] = "registered-models/alias?name=bench&alias=champion" };
            await Wrk.RunAsync("get", server.Url, 16, 1, call, cancellationToken);
            var result = await Wrk.RunAsync("get", server.Url, 16, 3, call, cancellationToken);
            Console.Error.WriteLine($"{database.Title}: MLflow with {workers} workers: {result}");
            if (result.Rate > best.Rate)
                best = (contender, result.Rate);
        }

        return best.Contender;
    }

    private async Task<IEnumerable<Measurement>> MeasureAsync(
        string database, LoadCase load, List<(string Name, RunningServer Server)> servers, CancellationToken cancellationToken)
    {
        var rounds = servers.ToDictionary(each => each.Name, _ => new List<WrkResult>());
        var cpu = servers.ToDictionary(each => each.Name, _ => 0.0);
        foreach (var (_, server) in servers)
        {
            await ProbeAsync(load, server, cancellationToken);
            await Wrk.RunAsync(load.Script, server.Url, load.Connections, WarmUpSeconds, new Dictionary<string, string>(load.Values) { ["ROUND"] = "0" }, cancellationToken);
            await server.SettleAsync(cancellationToken);
        }

        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (name, server) in servers)
            {
                var before = server.Use().CpuSeconds;
                var values = new Dictionary<string, string>(load.Values) { ["ROUND"] = $"{round + 1}" };
                var result = await Wrk.RunAsync(load.Script, server.Url, load.Connections, options.Seconds, values, cancellationToken);
                await server.SettleAsync(cancellationToken);
                cpu[name] += server.Use().CpuSeconds - before;
                rounds[name].Add(result);
                Console.Error.WriteLine($"{database}: {load.Name}: {name}: {result}");
            }
        }

        foreach (var (_, server) in servers)
            await ProbeAsync(load, server, cancellationToken);
        return servers.Select(each => Measurement.Of(load.Name, each.Name, rounds[each.Name], cpu[each.Name], each.Server.Use().ResidentBytes));
    }

    /// <summary>Makes sure that what is measured is the right answer.</summary>
    private static async Task ProbeAsync(LoadCase load, RunningServer server, CancellationToken cancellationToken)
    {
        if (load.Probe is null)
            return;
        using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
        var answer = await client.GetStringAsync($"{server.Url}/api/2.0/mlflow/{load.Probe}", cancellationToken);
        if (!answer.Contains(load.Expected!, StringComparison.Ordinal))
            throw new InvalidOperationException($"{load.Name}: {server.Url} answered {answer[..Math.Min(500, answer.Length)]}");
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
