using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.GarbageCollection;

public sealed class AgeTests
{
    [Theory]
    [InlineData("1d2h3m4s", 93784)]
    [InlineData("1.2d3h4m5s", 114725)]
    [InlineData("30d", 2592000)]
    [InlineData(".5h", 1800)]
    [InlineData("0s", 0)]
    public void Ages_are_read_as_mlflow_reads_them(string text, double seconds) => Assert.Equal(seconds, Age.Parse(text).Length.TotalSeconds, 3);

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("-1d")]
    [InlineData("1.2.3d")]
    [InlineData("1s1d")]
    [InlineData("99999999999999999999d")]
    public void What_is_no_age_is_refused(string text) => Assert.Throws<StartupException>(() => Age.Parse(text));
}
