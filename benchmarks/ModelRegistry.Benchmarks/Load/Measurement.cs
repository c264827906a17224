namespace ModelRegistry.Benchmarks.Load;

/// <summary>One case on one server, all rounds together.</summary>
/// <param name="Case">Name of the case.</param>
/// <param name="Contender">Name of the server.</param>
/// <param name="Rate">Accepted requests per second, the median of the rounds.</param>
/// <param name="P50">Milliseconds, the median of the rounds; so are <paramref name="P95"/> and <paramref name="P99"/>.</param>
/// <param name="Errors">Refusals and broken connections of all rounds.</param>
/// <param name="CpuMilliseconds">CPU time of the server per request.</param>
/// <param name="ResidentMegabytes">MiB after the last round.</param>
internal sealed record Measurement(
    string Case, string Contender, double Rate, double P50, double P95, double P99, long Errors, double CpuMilliseconds, double ResidentMegabytes)
{
    public static Measurement Of(string name, string contender, IReadOnlyList<WrkResult> rounds, double cpuSeconds, long residentBytes) => new(
        name, contender,
        Median(rounds, round => round.Rate), Median(rounds, round => round.P50), Median(rounds, round => round.P95), Median(rounds, round => round.P99),
        rounds.Sum(round => round.Errors), cpuSeconds * 1000 / Math.Max(1, rounds.Sum(round => round.Requests)), residentBytes / 1048576.0);

    private static double Median(IReadOnlyList<WrkResult> rounds, Func<WrkResult, double> value)
    {
        var sorted = rounds.Select(value).Order().ToArray();
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }
}

/// <summary>What one database saw.</summary>
/// <param name="Database">Its name.</param>
/// <param name="Starts">Cold start in seconds and MiB at idle of each server.</param>
/// <param name="Measurements">All cases.</param>
internal sealed record DatabaseReport(string Database, IReadOnlyList<StartMeasurement> Starts, IReadOnlyList<Measurement> Measurements);

/// <summary>A server that has just started on a filled database.</summary>
internal sealed record StartMeasurement(string Contender, double ColdStartSeconds, double IdleMegabytes);
