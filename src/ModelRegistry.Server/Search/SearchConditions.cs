using System.Globalization;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;

namespace ModelRegistry.Server.Search;

/// <summary>The conditions of one search and their parameters; values never stand in the text.</summary>
internal sealed class SearchConditions(SqlDialect dialect)
{
    private readonly List<string> conditions = [];
    private int count;

    public SqlParameters Parameters { get; } = new();

    public string Where => string.Join(" AND ", conditions);

    public void Add(string condition) => conditions.Add(condition);

    /// <summary>A new parameter with this value; its name, for the text.</summary>
    public string Parameter(object? value)
    {
        // The underscore keeps names apart: the members of a list are numbered by appending to its name.
        var name = string.Create(CultureInfo.InvariantCulture, $"@f{count++}_");
        Parameters.Add(name, value);
        return name;
    }

    /// <summary><c>column IN (…)</c>, also of nothing at all.</summary>
    public string In<T>(string column, IReadOnlyCollection<T> values) => values.Count switch
    {
        0 => "1 = 0",
        1 => $"{column} = {Parameter(values.First())}",
        _ => $"{column} IN {Parameter(values)}",
    };

    /// <summary>The comparison as a condition on a text column.</summary>
    public string Text(string column, BoundComparison comparison) => comparison.Comparator switch
    {
        "=" => dialect.TextEquals(column, Parameter(comparison.Text)),
        "!=" => $"NOT ({dialect.TextEquals(column, Parameter(comparison.Text))})",
        "LIKE" => dialect.Like(column, Parameter(comparison.Text)),
        "ILIKE" => dialect.ILike(column, Parameter(comparison.Text)),
        "RLIKE" => dialect.Matches(column, Parameter(comparison.Text)),
        "IN" => In(column, comparison.List!),
        "NOT IN" => comparison.List!.Count == 0 ? "1 = 1" : $"{column} NOT IN {Parameter(comparison.List)}",
        _ => throw new InvalidOperationException($"The filter let the comparator '{comparison.Comparator}' through."),
    };

    /// <summary>The comparison as a condition on a numeric column; text that is no number is left to the database, as MLflow leaves it.</summary>
    public string Number(string column, BoundComparison comparison) => comparison.Comparator switch
    {
        "=" or "!=" or "<" or "<=" or ">" or ">=" =>
            $"{column} {comparison.Comparator} {Parameter(comparison.Integer ?? (object?)comparison.Number ?? comparison.Text)}",
        _ => throw new InvalidOperationException($"The filter let the comparator '{comparison.Comparator}' through."),
    };

    /// <summary>Whether a row of a key-value table meets the comparison; <c>IS NULL</c> asks for the absence of the key.</summary>
    /// <param name="join">What ties the row, named <c>x</c>, to the row searched for.</param>
    public void AddKeyed(string table, string join, BoundComparison comparison)
    {
        var not = comparison.Comparator == "IS NULL" ? "NOT " : "";
        Add($"{not}EXISTS (SELECT 1 FROM {table} x WHERE {join} AND {Keyed("x", comparison)})");
    }

    /// <summary>The comparison as a condition on the row of a key-value table, of which none or one is as it asks.</summary>
    public string Keyed(string alias, BoundComparison comparison)
    {
        var key = dialect.TextEquals($"{alias}.\"key\"", Parameter(comparison.Key));
        if (comparison.IsNullCheck)
            return key;
        var value = comparison.Kind == EntityKind.Metric ? Number($"{alias}.value", comparison) : Text($"{alias}.value", comparison);
        return $"{key} AND {value}";
    }
}
