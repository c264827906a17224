using ModelRegistry.Server.Tracking.Metrics;
using Xunit;

namespace ModelRegistry.Tests.Tracking;

public sealed class MetricSamplingTests
{
    [Fact]
    public void Few_steps_are_all_picked() =>
        Assert.Equal([1, 5, 9], new MetricSampling(0, 10, 3).Pick([1, 5, 9], [1, 9]));

    [Fact]
    public void Many_steps_are_thinned_evenly_and_the_last_one_stays()
    {
        var steps = Enumerable.Range(0, 30).Select(step => (long)step).ToList();

        Assert.Equal([0, 6, 12, 18, 24, 29], new MetricSampling(0, long.MaxValue, 5).Pick(steps, [0, 29]));
    }

    [Fact]
    public void The_ends_of_every_run_are_kept_when_they_lie_in_the_range()
    {
        var steps = Enumerable.Range(0, 100).Select(step => (long)step).ToList();

        Assert.Equal([0, 37, 50, 99], new MetricSampling(0, 99, 2).Pick(steps, [0, 37, -5, 200]));
    }

    [Fact]
    public void Nothing_comes_of_nothing() => Assert.Empty(new MetricSampling(0, 10, 3).Pick([], [-3, -1]));
}
