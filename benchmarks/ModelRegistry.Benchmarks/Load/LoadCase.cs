namespace ModelRegistry.Benchmarks.Load;

/// <summary>One thing that is measured on every server.</summary>
/// <param name="Name">In the table.</param>
/// <param name="Script">In <c>benchmarks/load</c>.</param>
/// <param name="Connections">Requests at a time.</param>
/// <param name="Values">Environment variables for the script.</param>
/// <param name="Expected">A part of what <see cref="Probe"/> has to be answered with.</param>
/// <param name="Probe">What is asked before and after the load, to see that answers are right; null for what the load itself leaves behind.</param>
internal sealed record LoadCase(
    string Name, string Script, int Connections, IReadOnlyDictionary<string, string> Values, string? Probe = null, string? Expected = null);

/// <summary>All cases, over what <see cref="Seed"/> has put there.</summary>
internal static class LoadCases
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    public static IEnumerable<LoadCase> All(Seeded seeded) => [.. Reads(), .. Searches(seeded), .. RegistryWrites(), .. RunWrites(seeded), .. Files()];

    private static IEnumerable<LoadCase> Reads() =>
    [
        Get("get-by-alias", "registered-models/alias?name=bench&alias=champion", "\"version\""),
        Get("get-version", "model-versions/get?name=bench&version=1", "\"READY\""),
        Get("get-model", "registered-models/get?name=bench", "\"latest_versions\""),
        Get("search-models", "registered-models/search?max_results=50", "\"next_page_token\"", 4),
        Get("search-versions", "model-versions/search?max_results=50", "\"next_page_token\"", 4),
        Get("search-versions-of-model", "model-versions/search?max_results=50&filter=name%3D'bench'", "\"next_page_token\"", 4),
    ];

    private static IEnumerable<LoadCase> Searches(Seeded seeded) =>
    [
        .. seeded.Experiments.Select(each => new LoadCase(
            $"search-runs-{each.Key}", "search-runs", 4, new Dictionary<string, string> { ["EXPERIMENT_ID"] = each.Value })),
        Get("metric-history", $"metrics/get-history?run_id={seeded.HistoryRun}&metric_key=loss&max_results=25000", "\"next_page_token\"", 2),
    ];

    private static IEnumerable<LoadCase> RegistryWrites() =>
    [
        .. ((int[])[1, 4, 16, 64]).Select(writers => new LoadCase(
            $"create-version-{writers}", "create-version", writers, None, "registered-models/get?name=bench", "\"latest_versions\"")),
        new LoadCase("create-version-many-models", "create-version-many", 16, None),
        new LoadCase("set-model-tag", "set-tag", 16, None, "registered-models/get?name=bench", "\"champion\""),
    ];

    private static IEnumerable<LoadCase> RunWrites(Seeded seeded)
    {
        var run = new Dictionary<string, string> { ["RUN_ID"] = seeded.LogRun };
        return
        [
            new LoadCase("create-run", "create-run", 16, None),
            new LoadCase("log-metric", "log-metric", 16, run, $"runs/get?run_id={seeded.LogRun}", seeded.LogRun),
            new LoadCase("log-batch-10", "log-batch", 16, With(run, 10)),
            new LoadCase("log-batch-100", "log-batch", 16, With(run, 100)),
            new LoadCase("log-batch-1000", "log-batch", 4, With(run, 1000)),
        ];
    }

    private static IEnumerable<LoadCase> Files() =>
    [
        new LoadCase("artifact-put-64k", "artifact-put", 16, None),
        new LoadCase("artifact-get-64k", "artifact-get", 16, None),
    ];

    private static LoadCase Get(string name, string call, string expected, int connections = 16) =>
        new(name, "get", connections, new Dictionary<string, string> { ["CALL"] = call }, call, expected);

    private static Dictionary<string, string> With(Dictionary<string, string> values, int metrics) => new(values) { ["METRICS"] = $"{metrics}" };
}
