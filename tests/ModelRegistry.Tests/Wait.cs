using System.Diagnostics;
using Xunit;

namespace ModelRegistry.Tests;

/// <summary>Waits for a state, and never for a time: a loaded machine takes longer, and a test says then what did not come.</summary>
internal static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="isReached">Asked again and again.</param>
    /// <param name="state">What there is instead, told when the time is over.</param>
    public static async Task UntilAsync(Func<Task<bool>> isReached, Func<string> state)
    {
        for (var clock = Stopwatch.StartNew(); !await isReached(); await Task.Delay(Pause))
            Assert.True(clock.Elapsed < Limit, state());
    }

    public static Task UntilAsync(Func<bool> isReached, Func<string> state) => UntilAsync(() => Task.FromResult(isReached()), state);
}
