using System.Globalization;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Tracking;

/// <summary>What the searches of runs and experiments have in common.</summary>
internal static class SearchRules
{
    private const int MaxResults = 50_000;

    public static void CheckMaxResults(long maxResults)
    {
        if (maxResults < 1)
            throw ApiException.Invalid($"Invalid value {maxResults} for parameter 'max_results' supplied. It must be a positive integer");
        if (maxResults > MaxResults)
            throw ApiException.Invalid($"Invalid value {maxResults} for parameter 'max_results' supplied. It must be at most {MaxResults}");
    }

    /// <summary>The searches take ids as numbers where other calls name the field.</summary>
    public static long ParseExperimentId(string id) =>
        long.TryParse(id.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiException.Internal($"invalid literal for int() with base 10: {PythonText.Repr(id)}");
}
