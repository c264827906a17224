using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Search;

/// <summary>A column that rows are sorted by.</summary>
/// <param name="Column">With the alias of its table.</param>
/// <param name="Value">Its value in a row; null for what rows do not have, such as the value of a joined table.</param>
/// <param name="IsNullable">Both databases count NULL as the smallest value.</param>
internal sealed record OrderColumn<TRow>(string Column, bool Ascending, Func<TRow, object?>? Value = null, bool IsNullable = false)
{
    public string Sql => $"{Column} {(Ascending ? "ASC" : "DESC")}";

    public bool CanSeek => Value is not null && !(IsNullable && Ascending);
}

/// <summary>The order of a search, and the conditions for what comes after a row: a page is found by them, however many rows there are before it.</summary>
/// <param name="columns">The last of them tell any two rows apart.</param>
internal sealed class PageOrder<TRow>(IReadOnlyList<OrderColumn<TRow>> columns)
{
    /// <summary>For ORDER BY; it also names the order in page tokens.</summary>
    public string Sql { get; } = string.Join(", ", columns.Select(column => column.Sql));

    /// <summary>The values of a row that say where it stands; none when pages in this order can only be counted.</summary>
    public IReadOnlyList<object?> PlaceOf(TRow row) => columns.All(column => column.CanSeek) ? [.. columns.Select(column => column.Value!(row))] : [];

    /// <summary>
    /// Conditions of which each row after the place meets exactly one, and no other row any: each is one range of an index. Empty when the place
    /// is none of this order.
    /// </summary>
    /// <param name="order">The order that the place belongs to; null for none.</param>
    public IReadOnlyList<string> After(string? order, IReadOnlyList<object?> place, SearchConditions conditions)
    {
        var branches = new List<string>();
        if (order != Sql || place.Count != columns.Count || columns.Any(column => !column.CanSeek))
            return branches;
        var same = "";
        for (var i = 0; i < columns.Count; i++)
        {
            var (column, value) = (columns[i], place[i]);
            if (value is null)
            {
                same += $"{column.Column} IS NULL AND ";
                continue;
            }

            var parameter = conditions.Parameter(value);
            branches.Add($"{same}{column.Column} {(column.Ascending ? ">" : "<")} {parameter}");
            if (column.IsNullable)
                branches.Add($"{same}{column.Column} IS NULL");
            same += $"{column.Column} = {parameter} AND ";
        }

        return branches;
    }
}
