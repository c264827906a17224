using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ModelRegistry.Benchmarks.Load;

/// <summary>Load by <c>wrk</c>: it costs so little itself that a server on the same machine is what is measured.</summary>
internal static class Wrk
{
    private static readonly string Folder = Path.Combine(Repository.Root, "benchmarks/load");
    private static readonly string Report = File.ReadAllText(Path.Combine(Folder, "report.lua"));

    /// <param name="script">Name of a script in <c>benchmarks/load</c>.</param>
    /// <param name="values">Environment variables for it.</param>
    public static async Task<WrkResult> RunAsync(
        string script, string url, int connections, int seconds, IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, await File.ReadAllTextAsync(Path.Combine(Folder, script + ".lua"), cancellationToken) + Report, cancellationToken);
            var start = new ProcessStartInfo("wrk", ["-t", "1", "-c", $"{connections}", "-d", $"{seconds}s", "--timeout", "120s", "-s", file, url])
            {
                RedirectStandardOutput = true,
            };
            foreach (var (name, value) in values)
                start.Environment[name] = value;
            using var wrk = Process.Start(start)!;
            var output = await wrk.StandardOutput.ReadToEndAsync(cancellationToken);
            await wrk.WaitForExitAsync(cancellationToken);
            return Parse(output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static WrkResult Parse(string output)
    {
        var line = output.Split('\n').LastOrDefault(line => line.StartsWith('{')) ?? throw new InvalidOperationException($"wrk said: {output}");
        using var json = JsonDocument.Parse(line);
        double Number(string name) => json.RootElement.GetProperty(name).GetDouble();
        return new WrkResult(
            (long)Number("requests"), Number("microseconds") / 1e6, (long)Number("errors"), (long)Number("bytes"),
            Number("p50") / 1e3, Number("p95") / 1e3, Number("p99") / 1e3);
    }
}

/// <summary>What wrk saw.</summary>
/// <param name="Requests">Answers, refusals among them.</param>
/// <param name="Seconds">Length of the measurement.</param>
/// <param name="Errors">Answers that were not 2xx, and broken connections.</param>
/// <param name="Bytes">Bytes received.</param>
/// <param name="P50">Milliseconds; so are <paramref name="P95"/> and <paramref name="P99"/>.</param>
internal sealed record WrkResult(long Requests, double Seconds, long Errors, long Bytes, double P50, double P95, double P99)
{
    /// <summary>Accepted requests per second.</summary>
    public double Rate => Math.Max(0, Requests - Errors) / Seconds;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rate:0} requests/s, p99 {P99:0.0} ms, {Errors} errors");
}
