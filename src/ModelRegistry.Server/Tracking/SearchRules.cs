using ModelRegistry.Server.Http;

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
}
