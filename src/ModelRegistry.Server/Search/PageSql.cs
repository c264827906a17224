namespace ModelRegistry.Server.Search;

/// <summary>The statement that finds one page.</summary>
/// <param name="Columns">What is answered of a row.</param>
/// <param name="Table">Table and alias, after what leads to it in this order, if anything does.</param>
/// <param name="Alias">The alias alone.</param>
/// <param name="Key">The columns of the table's primary key.</param>
/// <param name="Order">For ORDER BY.</param>
internal sealed record PageSql(string Columns, string Table, string Alias, IReadOnlyList<string> Key, string Order)
{
    /// <summary>More of them cost more than the sort that they save.</summary>
    public const int MaxParts = 12;

    /// <summary>What is joined to the table to leave rows out: at most one row to each.</summary>
    public string Filters { get; init; } = "";

    /// <summary>What is joined to the table to be sorted by; nothing is where an index has the order.</summary>
    public string Joins { get; init; } = "";

    /// <summary>Conditions of which each row that is searched meets exactly one, such as one per experiment; null where all rows are searched.</summary>
    public IReadOnlyList<string>? Parts { get; init; }

    /// <summary>Conditions of which each row of this page and the following ones meets exactly one; empty for the first page.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Behind the table where it is searched: the index that has the order of the pages, for a planner that would take another.</summary>
    public string Index { get; init; } = "";

    /// <param name="offset">How many rows stand before the page; not looked at where <see cref="After"/> says so.</param>
    /// <remarks>
    /// Of several conditions each has its own subquery, which reads no more than a page from an index in the right order; what is sorted then are
    /// a few pages of keys. Where there is no index to read from, keys are sorted as well, rather than whole rows.
    /// </remarks>
    public string Build(SearchConditions conditions, long limit, long offset)
    {
        var branches = Branches(conditions.Where);
        if (After.Count > 0)
            offset = 0;
        var (take, skip) = (conditions.Parameter(limit), conditions.Parameter(offset));
        if (branches.Count == 1 && Joins.Length == 0)
        {
            return
                $"""
                SELECT {Columns} FROM {Table} {Index} {Filters}
                WHERE {branches[0]}
                ORDER BY {Order}
                LIMIT {take} OFFSET {skip}
                """;
        }

        var reach = conditions.Parameter(limit + offset);
        var key = string.Join(", ", Key.Select((column, index) => $"{Alias}.{column} AS key{index}"));
        var pages = branches.Select((branch, index) =>
            $"SELECT * FROM (SELECT {key} FROM {Table} {Index} {Filters} {Joins} WHERE {branch} ORDER BY {Order} LIMIT {reach}) b{index}");
        return
            $"""
            SELECT {Columns}
            FROM ({string.Join("\nUNION ALL ", pages)}) p
            CROSS JOIN {Table} ON {string.Join(" AND ", Key.Select((column, index) => $"{Alias}.{column} = p.key{index}"))}
            {Joins}
            ORDER BY {Order}
            LIMIT {take} OFFSET {skip}
            """;
    }

    /// <summary>The whole condition of each.</summary>
    private List<string> Branches(string where)
    {
        IReadOnlyList<string> parts = Parts is null ? [""] : Parts.Count == 0 ? ["1 = 0"] : Parts;
        IReadOnlyList<string> after = After.Count == 0 ? [""] : After;
        return [.. parts.SelectMany(part => after.Select(place => string.Join(" AND ", ((string[])[where, part, place]).Where(text => text.Length > 0))))];
    }
}
