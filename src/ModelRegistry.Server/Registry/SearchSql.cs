using System.Globalization;
using Dapper;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;

namespace ModelRegistry.Server.Registry;

/// <summary>The conditions of one search, with their parameters.</summary>
internal sealed class SearchSql(SqlDialect dialect, string workspace)
{
    private readonly List<string> conditions = [];

    public DynamicParameters Parameters { get; } = new(new { workspace });

    public string Where => string.Join(" AND ", conditions);

    public void Add(string condition) => conditions.Add(condition);

    /// <summary>Adds a condition on a text column.</summary>
    public void AddText(string column, BoundComparison comparison) => conditions.Add(Text(column, comparison));

    /// <summary>Adds a condition on a whole number; text that is no number is left to the database, as MLflow leaves it.</summary>
    public void AddNumber(string column, BoundComparison comparison) => conditions.Add(
        $"{column} {comparison.Comparator} {Parameter(comparison.Integer ?? (object?)comparison.Number ?? comparison.Text)}");

    /// <summary>Adds one condition per tag key: several comparisons of one key must hold for the same row.</summary>
    /// <param name="join">What ties a row of <paramref name="table"/>, named <c>t</c>, to the row searched for.</param>
    public void AddTags(string table, string join, IEnumerable<BoundComparison> comparisons)
    {
        foreach (var key in comparisons.GroupBy(comparison => comparison.Key, StringComparer.Ordinal))
        {
            var values = key.Select(comparison => Text("t.value", comparison));
            conditions.Add(
                $"""
                EXISTS (
                    SELECT 1 FROM {table} t
                    WHERE {join} AND {dialect.TextEquals("t.\"key\"", Parameter(key.Key))} AND {string.Join(" AND ", values)})
                """);
        }
    }

    /// <summary>Leaves out everything whose name carries the prompt tag.</summary>
    /// <param name="join">As for <see cref="AddTags"/>.</param>
    public void HidePrompts(string table, string join) => conditions.Add(
        $"""
        NOT EXISTS (
            SELECT 1 FROM {table} t
            WHERE {join} AND t."key" = {Parameter(ModelRules.PromptTag)} AND {dialect.TextEquals("t.value", Parameter("true"))})
        """);

    private string Text(string column, BoundComparison comparison) => comparison.Comparator switch
    {
        "=" => dialect.TextEquals(column, Parameter(comparison.Text)),
        "!=" => $"NOT ({dialect.TextEquals(column, Parameter(comparison.Text))})",
        "LIKE" => dialect.Like(column, Parameter(comparison.Text)),
        "ILIKE" => dialect.ILike(column, Parameter(comparison.Text)),
        "IN" => comparison.List is { Count: > 0 } list ? $"{column} IN {Parameter(list)}" : "1 = 0",
        _ => throw new InvalidOperationException($"The filter let the comparator '{comparison.Comparator}' through."),
    };

    private string Parameter(object? value)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"@f{Parameters.ParameterNames.Count()}_");
        Parameters.Add(name, value);
        return name;
    }
}
