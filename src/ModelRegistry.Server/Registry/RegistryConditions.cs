using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Registry;

/// <summary>The conditions that only the registry's searches have.</summary>
internal static class RegistryConditions
{
    /// <summary>Adds one condition per tag key: several comparisons of one key must hold for the same row.</summary>
    /// <param name="join">What ties a row of <paramref name="table"/>, named <c>t</c>, to the row searched for.</param>
    public static void AddTags(
        this SearchConditions conditions, SqlDialect dialect, string table, string join, IEnumerable<BoundComparison> comparisons)
    {
        foreach (var key in comparisons.GroupBy(comparison => comparison.Key, StringComparer.Ordinal))
            conditions.Add($"EXISTS (SELECT 1 FROM {table} t WHERE {join} AND {conditions.Tag(dialect, "t", key)})");
    }

    /// <summary>Whether a row of tags meets all comparisons of one key.</summary>
    public static string Tag(this SearchConditions conditions, SqlDialect dialect, string alias, IGrouping<string, BoundComparison> key)
    {
        var sameKey = dialect.TextEquals($"{alias}.\"key\"", conditions.Parameter(key.Key));
        return string.Join(" AND ", key.Select(comparison => conditions.Text($"{alias}.value", comparison)).Prepend(sameKey));
    }

    /// <summary>Leaves out everything whose name carries the prompt tag.</summary>
    /// <remarks>A value that is asked for row by row: of NOT EXISTS MariaDB makes a list of all prompts, for every page.</remarks>
    /// <param name="join">As for <see cref="AddTags"/>.</param>
    public static void HidePrompts(this SearchConditions conditions, SqlDialect dialect, string table, string join) => conditions.Add(
        $"""
        (SELECT 1 FROM {table} t
         WHERE {join} AND t."key" = {conditions.Parameter(ModelRules.PromptTag)}
           AND {dialect.TextEquals("t.value", conditions.Parameter("true"))} LIMIT 1) IS NULL
        """);
}
