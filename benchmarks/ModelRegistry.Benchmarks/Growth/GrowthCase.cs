using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelRegistry.Benchmarks.Growth;

/// <summary>A call that answers pages, over what <see cref="GrowthData"/> has put there.</summary>
/// <param name="Name">In the table.</param>
/// <param name="Path">With the query of a GET.</param>
/// <param name="Body">Of a POST; null for a GET.</param>
/// <param name="Share">How many rows the whole answer has, as a share of the rows of a table.</param>
internal sealed record GrowthCase(string Name, string Path, string? Body, double Share)
{
    private const string Api = "/api/2.0/mlflow/";

    private static readonly string[] FourExperiments = ["1", "2", "3", "4"];

    public static IReadOnlyList<GrowthCase> All { get; } =
    [
        Post("experiments", "experiments/search", new { max_results = 50 }, 1),
        Post("experiments-any-stage", "experiments/search", new { max_results = 50, view_type = "ALL" }, 1),
        Post("runs", "runs/search", new { experiment_ids = new[] { "1" }, max_results = 50 }, 0.25),
        Post("runs-any-stage", "runs/search", new { experiment_ids = new[] { "1" }, max_results = 50, run_view_type = "ALL" }, 0.25),
        Post("runs-of-4-experiments", "runs/search", new { experiment_ids = FourExperiments, max_results = 50 }, 1),
        Get("models", "registered-models/search?max_results=50", 0.5),
        Get("prompts", "registered-models/search?max_results=50&filter=" + Uri.EscapeDataString("tags.`mlflow.prompt.is_prompt` = 'true'"), 0.5),
        Get("versions", "model-versions/search?max_results=50", 0.5),
        Get("versions-of-a-model", "model-versions/search?max_results=50&filter=name%3D'many'", 1),
        Post("logged-models", "logged-models/search", new { experiment_ids = new[] { "1" }, max_results = 50 }, 0.25),
        Post("logged-models-of-4-experiments", "logged-models/search", new { experiment_ids = FourExperiments, max_results = 50 }, 1),
        Post("traces", "/api/3.0/mlflow/traces/search", new { locations = Locations("1"), max_results = 50 }, 0.25),
        Post("traces-by-time", "/api/3.0/mlflow/traces/search", new { locations = Locations("1"), max_results = 50, order_by = new[] { "timestamp_ms DESC" } }, 0.25),
        Post("traces-of-4-experiments", "/api/3.0/mlflow/traces/search", new { locations = Locations(FourExperiments), max_results = 50 }, 1),
        Get("traces-v2", "traces?experiment_ids=1&max_results=50", 0.25),
        Get("webhooks", "webhooks?max_results=50", 1),
        Post("datasets", "/api/3.0/mlflow/datasets/search", new { max_results = 50 }, 1),
        Post("datasets-of-an-experiment", "/api/3.0/mlflow/datasets/search", new { experiment_ids = new[] { "1" }, max_results = 10 }, 0),
        Get("dataset-records", $"/api/3.0/mlflow/datasets/{GrowthData.LargeDataset}/records?max_results=50", 1),
        Get("history", $"metrics/get-history?run_id={GrowthData.HistoryRun}&metric_key=loss&max_results=50", 0),
        Get("history-of-all-points", $"metrics/get-history?run_id={GrowthData.LongHistoryRun}&metric_key=loss&max_results=50", 1),
    ];

    /// <summary>The request for the first page, or for the one that a token names.</summary>
    public HttpRequestMessage Request(string url, string? token)
    {
        if (Body is null)
            return new HttpRequestMessage(HttpMethod.Get, url + Path + (token is null ? "" : $"&page_token={Uri.EscapeDataString(token)}"));
        var body = JsonNode.Parse(Body)!;
        if (token is not null)
            body["page_token"] = token;
        return new HttpRequestMessage(HttpMethod.Post, url + Path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
    }

    /// <summary>A token made of JSON; one call takes only tokens that name its search.</summary>
    public string Token(string json)
    {
        var token = JsonNode.Parse(json)!;
        if (Path.EndsWith("logged-models/search", StringComparison.Ordinal))
            token["experiment_ids"] = JsonNode.Parse(Body!)!["experiment_ids"]!.DeepClone();
        return Path.Contains("/records?", StringComparison.Ordinal) ? $"{token["offset"]}" : Convert.ToBase64String(Encoding.UTF8.GetBytes(token.ToJsonString()));
    }

    private static GrowthCase Get(string name, string path, double share) => new(name, Full(path), null, share);

    private static GrowthCase Post(string name, string path, object body, double share) => new(name, Full(path), JsonSerializer.Serialize(body), share);

    private static string Full(string path) => path.StartsWith('/') ? path : Api + path;

    private static object Locations(params string[] experiments) =>
        experiments.Select(id => new { type = "MLFLOW_EXPERIMENT", mlflow_experiment = new { experiment_id = id } });
}
