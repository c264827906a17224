using System.Globalization;
using System.Text;

namespace ModelRegistry.Server.Observability;

/// <summary>Metrics in the text format of Prometheus, version 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>A name may have several instruments, such as one for each pool; it is announced once.</summary>
    public static void Append(StringBuilder text, IEnumerable<MetricSeries> metrics)
    {
        foreach (var group in metrics.Where(metric => metric.All.Any()).GroupBy(NameOf).OrderBy(group => group.Key, StringComparer.Ordinal))
            Append(text, group.Key, [.. group]);
    }

    private static void Append(StringBuilder text, string name, MetricSeries[] metrics)
    {
        var first = metrics[0];
        AppendHead(text, name, first.Instrument.Description, first.IsHistogram ? "histogram" : first.IsCounter ? "counter" : "gauge");
        foreach (var (labels, series) in metrics.SelectMany(metric => metric.All).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (first.IsHistogram)
                AppendHistogram(text, name, labels, series);
            else
                AppendSample(text, name, labels, series.Sum);
        }
    }

    public static void AppendHead(StringBuilder text, string name, string? help, string kind)
    {
        if (!string.IsNullOrEmpty(help))
            text.Append("# HELP ").Append(name).Append(' ').Append(help.ReplaceLineEndings(" ")).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(kind).Append('\n');
    }

    public static void AppendSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>The value of a label, so that it can stand between quotation marks.</summary>
    public static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>Dots become underscores; the unit and, for counters, <c>_total</c> are put at the end, as Prometheus wants them.</summary>
    private static string NameOf(MetricSeries metric)
    {
        var unit = metric.Instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        var name = metric.Instrument.Name.Replace('.', '_');
        if (!name.EndsWith(unit, StringComparison.Ordinal))
            name += unit;
        return metric.IsCounter ? name + "_total" : name;
    }

    private static void AppendHistogram(StringBuilder text, string name, string labels, Series series)
    {
        var count = 0L;
        var separator = labels.Length > 0 ? "," : "";
        for (var i = 0; i < series.Buckets.Count; i++)
        {
            count += series.Buckets[i];
            var bound = i < Series.Bounds.Length ? Number(Series.Bounds[i]) : "+Inf";
            AppendSample(text, $"{name}_bucket", $"{labels}{separator}le=\"{bound}\"", count);
        }

        AppendSample(text, $"{name}_sum", labels, series.Sum);
        AppendSample(text, $"{name}_count", labels, count);
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
