using System.Diagnostics;
using System.Globalization;

namespace ModelRegistry.Benchmarks.Load;

/// <summary>One large file up and down through the artifact proxy, by <c>curl</c>.</summary>
internal sealed class LargeArtifact(LoadOptions options, IReadOnlyList<(string Name, RunningServer Server)> servers)
{
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(string folder, CancellationToken cancellationToken)
    {
        if (!options.Includes("artifact-large"))
            return [];
        var file = Path.Combine(folder, "large");
        await WriteAsync(file, cancellationToken);
        var measurements = new List<Measurement>();
        foreach (var (direction, arguments) in (IEnumerable<(string, string[])>)[("put", ["-T", file]), ("get", [])])
        {
            var rounds = servers.ToDictionary(each => each.Name, _ => new List<WrkResult>());
            var cpu = servers.ToDictionary(each => each.Name, _ => 0.0);
            for (var round = 0; round < options.Rounds; round++)
            {
                foreach (var (name, server) in servers)
                {
                    var before = server.Use().CpuSeconds;
                    rounds[name].Add(await CurlAsync([.. arguments, $"{server.Url}/api/2.0/mlflow-artifacts/artifacts/bench/large"], cancellationToken));
                    cpu[name] += server.Use().CpuSeconds - before;
                    Console.Error.WriteLine(string.Create(
                        CultureInfo.InvariantCulture, $"artifact-large-{direction}: {name}: {options.ArtifactMegabytes / rounds[name][^1].Seconds:0} MiB/s, {rounds[name][^1].Errors} errors"));
                }
            }

            measurements.AddRange(servers.Select(each => Measurement.Of(
                $"artifact-large-{direction}", each.Name, rounds[each.Name], cpu[each.Name], each.Server.Use().ResidentBytes)));
        }

        return measurements;
    }

    private async Task WriteAsync(string file, CancellationToken cancellationToken)
    {
        var piece = new byte[1 << 20];
        new Random(1).NextBytes(piece);
        await using var stream = File.Create(file);
        for (var i = 0; i < options.ArtifactMegabytes; i++)
            await stream.WriteAsync(piece, cancellationToken);
    }

    private async Task<WrkResult> CurlAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var start = new ProcessStartInfo("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download} %{size_upload}", .. arguments]) { RedirectStandardOutput = true };
        using var curl = Process.Start(start)!;
        var words = (await curl.StandardOutput.ReadToEndAsync(cancellationToken)).Split(' ');
        await curl.WaitForExitAsync(cancellationToken);
        var elapsed = clock.Elapsed;
        var moved = Math.Max(long.Parse(words[1], CultureInfo.InvariantCulture), long.Parse(words[2], CultureInfo.InvariantCulture));
        var isWhole = words[0] == "200" && moved == (long)options.ArtifactMegabytes << 20;
        return new WrkResult(1, elapsed.TotalSeconds, isWhole ? 0 : 1, moved, elapsed.TotalMilliseconds, elapsed.TotalMilliseconds, elapsed.TotalMilliseconds);
    }
}
