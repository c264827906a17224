using System.Globalization;
using System.Text.RegularExpressions;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Hosting;

/// <summary>A length of time as <c>mlflow gc --older-than</c> takes it: <c>30d</c>, <c>1d2h3m4s</c>, <c>1.5h</c>.</summary>
/// <param name="Text">As it was written.</param>
internal sealed partial record Age(string Text, TimeSpan Length)
{
    /// <exception cref="StartupException">The text is none.</exception>
    public static Age Parse(string text)
    {
        var match = Pattern().Match(text);
        double[] units = [.. Enumerable.Range(1, 4).Select(group => Number(match.Groups[group]))];
        if (text.Length == 0 || !match.Success || units.Any(double.IsNaN))
            throw new StartupException($"Could not parse any time information from '{text}'. Examples of valid strings: '8h', '2d8h5m20s', '2m4s'");
        var seconds = (((((units[0] * 24) + units[1]) * 60) + units[2]) * 60) + units[3];
        return seconds < TimeSpan.MaxValue.TotalSeconds / 100
            ? new Age(text, TimeSpan.FromSeconds(seconds))
            : throw new StartupException($"'{text}' is longer than there has been time.");
    }

    private static double Number(Group group)
    {
        if (!group.Success)
            return 0;
        return double.TryParse(group.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
    }

    [GeneratedRegex(@"^(?:([.0-9]+)d)?(?:([.0-9]+)h)?(?:([.0-9]+)m)?(?:([.0-9]+)s)?$")]
    private static partial Regex Pattern();
}
