using System.Diagnostics.Metrics;
using System.Text;
using ModelRegistry.Server.Observability;
using Xunit;

namespace ModelRegistry.Tests.Observability;

public sealed class MetricSeriesTests : IDisposable
{
    private readonly Meter meter = new("test");

    public void Dispose() => meter.Dispose();

    [Fact]
    public void Many_threads_lose_nothing()
    {
        var series = new MetricSeries(meter.CreateHistogram<double>("d", "s"), null);

        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 10_000; i++)
                series.Record(0.5, [new("a", i % 2)]);
        });

        Assert.Equal([20_000, 20_000], series.All.Select(pair => pair.Value.Sum));
        Assert.Equal([40_000, 40_000], series.All.Select(pair => pair.Value.Buckets.Sum()));
    }

    [Fact]
    public void Labels_are_chosen_and_escaped_and_numbers_written_plainly()
    {
        var series = new MetricSeries(meter.CreateCounter<long>("a.b", "By", "Two\nlines"), ["x", "n", "t"]);
        series.Record(2, [new("x", "q\"\\\n"), new("dropped", "z"), new("n", 404), new("t", true)]);
        series.Record(0.5, [new("x", "q\"\\\n"), new("n", 404L), new("t", true)]);
        var text = new StringBuilder();

        PrometheusText.Append(text, [series]);

        Assert.Equal(
            """
            # HELP a_b_bytes_total Two lines
            # TYPE a_b_bytes_total counter
            a_b_bytes_total{x="q\"\\\n",n="404",t="True"} 2.5

            """,
            text.ToString());
    }

    [Fact]
    public void Buckets_take_what_is_not_above_their_bound_and_the_last_one_takes_the_rest()
    {
        var series = new MetricSeries(meter.CreateHistogram<double>("d", "s"), null);
        foreach (var value in new[] { 0.0005, 0.001, 0.0011, 1000 })
            series.Record(value, []);
        var text = new StringBuilder();

        PrometheusText.Append(text, [series]);

        Assert.Contains("d_seconds_bucket{le=\"0.001\"} 2\nd_seconds_bucket{le=\"0.0025\"} 3\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("d_seconds_bucket{le=\"120\"} 3\nd_seconds_bucket{le=\"+Inf\"} 4\n", text.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("d_seconds_count 4\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_series_and_the_length_of_labels_are_bounded()
    {
        var series = new MetricSeries(meter.CreateCounter<long>("c"), null);

        for (var i = 0; i < 6000; i++)
            series.Record(1, [new("i", i)]);
        series.Record(1, [new("i", new string('x', 1000))]);

        Assert.Equal(5000, series.All.Count());
    }
}
