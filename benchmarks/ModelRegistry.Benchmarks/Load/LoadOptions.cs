namespace ModelRegistry.Benchmarks.Load;

/// <summary>How large a run is, and how long.</summary>
/// <param name="Databases"><c>sqlite</c>, <c>mariadb</c>.</param>
/// <param name="Cases">Beginnings of the names of the cases to run; all when empty.</param>
/// <param name="Seconds">Length of one measurement.</param>
/// <param name="Rounds">Measurements of one case on each server; they take turns.</param>
/// <param name="RunCounts">Sizes of the experiments that are searched.</param>
/// <param name="Models">Registered models besides the one that is asked for.</param>
/// <param name="ArtifactMegabytes">Size of the large artifact in MiB.</param>
/// <param name="Output">Path without ending for the table; null prints it only.</param>
internal sealed record LoadOptions(
    string[] Databases, string[] Cases, int Seconds, int Rounds, int[] RunCounts, int Models, int ArtifactMegabytes, string? Output)
{
    public bool Includes(string name) => Cases.Length == 0 || Cases.Any(start => name.StartsWith(start, StringComparison.Ordinal));
}
