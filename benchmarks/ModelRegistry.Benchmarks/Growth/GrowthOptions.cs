namespace ModelRegistry.Benchmarks.Growth;

/// <summary>How large a run is, and how long.</summary>
/// <param name="Databases"><c>sqlite</c>, <c>mariadb</c>.</param>
/// <param name="Cases">Beginnings of the names of the cases to run; all when empty.</param>
/// <param name="Seconds">Length of one measurement.</param>
/// <param name="Rounds">Measurements of one page at each size; the sizes take turns.</param>
/// <param name="Rows">Sizes of the tables; the ratio is that of the last to the first.</param>
/// <param name="Output">Path without ending for the table; null prints it only.</param>
internal sealed record GrowthOptions(string[] Databases, string[] Cases, int Seconds, int Rounds, int[] Rows, string? Output)
{
    public bool Includes(string name) => Cases.Length == 0 || Cases.Any(start => name.StartsWith(start, StringComparison.Ordinal));
}
