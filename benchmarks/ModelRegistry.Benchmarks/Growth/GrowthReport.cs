using System.Globalization;
using System.Text;

namespace ModelRegistry.Benchmarks.Growth;

/// <summary>What one page costs.</summary>
/// <param name="Milliseconds">Median time of a request, one at a time.</param>
/// <param name="CpuMilliseconds">CPU time of the server and its database per request.</param>
internal sealed record PageCost(double Milliseconds, double CpuMilliseconds)
{
    public static PageCost MedianOf(IReadOnlyList<PageCost> rounds) =>
        new(Median(rounds.Select(round => round.Milliseconds)), Median(rounds.Select(round => round.CpuMilliseconds)));

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }
}

/// <summary>One page of one case, at every size.</summary>
/// <param name="Page"><c>first</c>, or <c>deep</c>: nine tenths down.</param>
internal sealed record GrowthMeasurement(string Database, string Case, string Page, IReadOnlyList<PageCost> Costs)
{
    /// <summary>Of the CPU time at the largest size to that at the smallest: other work on the machine disturbs it least.</summary>
    public double Ratio => Costs[^1].CpuMilliseconds / Costs[0].CpuMilliseconds;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Database}: {Case}, {Page}: {string.Join(", ", Costs.Select(cost => $"{cost.Milliseconds:0.00} ms (CPU {cost.CpuMilliseconds:0.00})"))}: {Ratio:0.0}");
}

/// <summary>The table as Markdown.</summary>
internal sealed class GrowthReport(GrowthOptions options, IReadOnlyList<GrowthMeasurement> measurements)
{
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var text = Markdown();
        Console.WriteLine(text);
        if (options.Output is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Output))!);
        await File.WriteAllTextAsync(options.Output + ".md", text, cancellationToken);
    }

    private string Markdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"""
            # What a page costs as tables grow

            {DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores. One request at a time; {options.Rounds} rounds of {options.Seconds} s, the sizes in turn. Each
            number is the median time of a request and, in brackets, the CPU time of server and database per request, in milliseconds. The ratio is that
            of the CPU times, of the largest size to the smallest. A deep page is nine tenths down.

            | database | call | page | {string.Join(" | ", options.Rows.Select(rows => $"{rows} rows"))} | ratio |
            |---|---|---|{string.Concat(options.Rows.Select(_ => "---|"))}---|

            """);
        foreach (var each in measurements)
        {
            var costs = string.Join(" | ", each.Costs.Select(cost => string.Create(CultureInfo.InvariantCulture, $"{cost.Milliseconds:0.00} ({cost.CpuMilliseconds:0.00})")));
            text.Append(CultureInfo.InvariantCulture, $"| {each.Database} | {each.Case} | {each.Page} | {costs} | {each.Ratio:0.0} |\n");
        }

        return text.ToString();
    }
}
