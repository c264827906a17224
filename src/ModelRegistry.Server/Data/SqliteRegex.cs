using System.Text.RegularExpressions;

namespace ModelRegistry.Server.Data;

/// <summary>The function behind SQLite's operator REGEXP, which has none of its own. It searches, as MLflow's does.</summary>
internal static class SqliteRegex
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(200);

    /// <summary>A pattern that is no regular expression matches nothing.</summary>
    public static bool Matches(string? pattern, string? text)
    {
        if (pattern is null || text is null)
            return false;
        try
        {
            // Time that grows with the text alone: the pattern comes from a client.
            return Regex.IsMatch(text, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, Timeout);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
