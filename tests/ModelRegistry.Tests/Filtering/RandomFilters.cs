namespace ModelRegistry.Tests.Filtering;

/// <summary>Filters from a seeded generator: the same ones in every run.</summary>
internal sealed class RandomFilters(int seed)
{
    private static readonly string[] Pieces =
    [
        "metrics", "params", "tags", "run_id", "status", "name", "start_time", "version_number", "creation_time", "a", "b_1", "ключ",
        "text", "version", ".", ".", " ", " ", " ", "`", "\"", "'", "`a b`", "\"a\"", "'x'", "'it''s'", "'a\\'", "1", "-2.5", "1e-3",
        ".5", "12ab", "0x1F", "=", "!=", ">", "<=", "<>", "~", "LIKE", "ilike", "RLIKE", "NOT", "IN", "in", "IS", "NULL", "NOT NULL",
        "AND", "and", "OR", "BETWEEN", "(", ")", "('a')", "('a', 'B')", "()", "(1)", "[", "]", "[0]", ",", ";", ":", "::", ":=", "->",
        "-", "+", "*", "/", "/*", "*/", "--", "#", "@", "$", "?", "%s", "\\", "\n", "\t", "\0", "\u00a0", "😀", "\ud83d", "DESC", "asc",
        "WHERE", "AS", "NaN", "None",
    ];

    private static readonly string[] Identifiers =
    [
        "metrics.a", "params.`a b`", "tags.\"x\"", "status", "run_id", "tags.a.b", "dataset.name", "attr.start_time", "tags.a::b",
        "metrics.l[0]",
    ];

    private static readonly string[] Tails =
    [
        "= 'x'", "!= \"y\"", "LIKE '%a''b'", "ilike 'c'", "> 1", "<= -2.5e-3", "IN ('a', \"b\")", "not in ('c')", "IS NULL", "is not null",
        "= (1)", "= x", "NOT LIKE 'a'", "== 5", "= NULL", "LIKE ?",
    ];

    private readonly Random _random = new(seed);

    public string NextGarbage() => string.Concat(Enumerable.Range(0, _random.Next(1, 14)).Select(_ => Pick(Pieces)));

    public string NextFilter()
    {
        var comparisons = Enumerable.Range(0, _random.Next(1, 6)).Select(_ => NextComparison());
        return string.Join(Pick([" AND ", " and ", "  And\n"]), comparisons);
    }

    private string NextComparison() => $"{Pick(Identifiers)} {Pick(Tails)}";

    private string Pick(string[] choices) => choices[_random.Next(choices.Length)];
}
