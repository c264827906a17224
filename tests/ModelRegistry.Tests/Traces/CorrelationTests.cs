using ModelRegistry.Server.Traces.Search;
using Xunit;

namespace ModelRegistry.Tests.Traces;

public sealed class CorrelationTests
{
    [Theory]
    [InlineData(4, 2, 1, 0, -1.0, -0.27894294565112987)]
    [InlineData(6, 3, 2, 1, 0.0, 0.0)]
    [InlineData(3, 3, 3, 3, 1.0, 1.0)]
    public void Filters_go_together_or_not(long total, long first, long second, long joint, double plain, double smoothed)
    {
        var (value, prior) = Correlation.Of(new CorrelationCounts { Total = total, First = first, Second = second, Joint = joint });

        Assert.Equal(plain, value!.Value, 9);
        Assert.Equal(smoothed, prior!.Value, 9);
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(5, 0, 3, 0)]
    [InlineData(5, 3, 0, 0)]
    [InlineData(5, 4, 4, 2)]
    public void A_filter_that_finds_nothing_goes_with_nothing(long total, long first, long second, long joint) =>
        Assert.Equal((null, null), Correlation.Of(new CorrelationCounts { Total = total, First = first, Second = second, Joint = joint }));
}
