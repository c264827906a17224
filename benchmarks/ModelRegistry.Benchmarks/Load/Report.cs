using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ModelRegistry.Benchmarks.Load;

/// <summary>The table, as Markdown to read and as JSON to compare with.</summary>
internal sealed class Report(LoadOptions options, IReadOnlyList<DatabaseReport> databases)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var markdown = Markdown();
        Console.WriteLine(markdown);
        if (options.Output is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Output))!);
        await File.WriteAllTextAsync(options.Output + ".md", markdown, cancellationToken);
        await File.WriteAllTextAsync(options.Output + ".json", JsonSerializer.Serialize(new { conditions = Conditions(), databases }, Json) + "\n", cancellationToken);
    }

    private Dictionary<string, string> Conditions() => new()
    {
        ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ["cores"] = $"{Environment.ProcessorCount}",
        ["processor"] = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal)).Split(": ")[1],
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["data"] = $"{options.Models} models, one of 1000 versions, experiments of {string.Join(", ", options.RunCounts)} runs, a metric of 100000 points",
        ["load"] = $"wrk on the same machine, {options.Rounds} rounds of {options.Seconds} s, the servers in turn",
    };

    private string Markdown()
    {
        var text = new StringBuilder("# Benchmark\n\n");
        foreach (var (name, value) in Conditions())
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {value}\n");
        foreach (var database in databases)
            Append(text, database);
        return text.ToString();
    }

    private static void Append(StringBuilder text, DatabaseReport database)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {database.Database}\n\n| server | cold start | memory at idle |\n|---|---|---|\n");
        foreach (var start in database.Starts)
            text.Append(CultureInfo.InvariantCulture, $"| {start.Contender} | {start.ColdStartSeconds:0.00} s | {start.IdleMegabytes:0} MiB |\n");
        text.Append("\n| case | server | requests/s | p50 ms | p95 ms | p99 ms | errors | CPU ms/request | memory MiB | ratio |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var each in database.Measurements.GroupBy(measurement => measurement.Case))
        {
            var first = each.First();
            foreach (var m in each)
            {
                var ratio = m == first ? "" : m.Rate > 0 ? string.Create(CultureInfo.InvariantCulture, $"**{first.Rate / m.Rate:0.0#}**") : "no answer in time";
                text.Append(CultureInfo.InvariantCulture,
                    $"| {m.Case} | {m.Contender} | {m.Rate:0.##} | {m.P50:0.0} | {m.P95:0.0} | {m.P99:0.0} | {m.Errors} | {m.CpuMilliseconds:0.00} | {m.ResidentMegabytes:0} | {ratio} |\n");
            }
        }
    }
}
