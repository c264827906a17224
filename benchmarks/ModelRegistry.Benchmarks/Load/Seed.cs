using System.Net.Http.Json;
using System.Text.Json;

namespace ModelRegistry.Benchmarks.Load;

/// <summary>What the cases need to know of the data.</summary>
/// <param name="Experiments">Number of runs to experiment id.</param>
/// <param name="HistoryRun">A run with 100,000 points of the metric <c>loss</c>.</param>
/// <param name="LogRun">A run to write to.</param>
internal sealed record Seeded(IReadOnlyDictionary<int, string> Experiments, string HistoryRun, string LogRun);

/// <summary>Fills a server through its API.</summary>
internal sealed class Seed(string url, LoadOptions options) : IDisposable
{
    private const int HistoryPoints = 100_000;
    private const int VersionsOfOne = 1_000;

    private readonly HttpClient client = new() { BaseAddress = new Uri($"{url}/api/2.0/mlflow/"), Timeout = TimeSpan.FromMinutes(5) };

    public async Task<Seeded> RunAsync(CancellationToken cancellationToken)
    {
        await SeedModelsAsync(cancellationToken);
        var experiments = new Dictionary<int, string>();
        foreach (var count in options.RunCounts)
            experiments[count] = await SeedExperimentAsync(count, cancellationToken);
        var (history, log) = (await CreateRunAsync("0", 0, cancellationToken), await CreateRunAsync("0", 1, cancellationToken));
        await EachAsync(HistoryPoints / 1000, (i, token) => PostAsync("runs/log-batch", new { run_id = history, metrics = Points(i * 1000) }, token), cancellationToken);
        await UploadAsync(cancellationToken);
        return new Seeded(experiments, history, log);
    }

    public void Dispose() => client.Dispose();

    private async Task SeedModelsAsync(CancellationToken cancellationToken)
    {
        await PostAsync("registered-models/create", new { name = "bench" }, cancellationToken);
        for (var i = 0; i < VersionsOfOne; i++)
            await PostAsync("model-versions/create", new { name = "bench", source = "s3://bucket/model" }, cancellationToken);
        await PostAsync("registered-models/alias", new { name = "bench", alias = "champion", version = "1" }, cancellationToken);
        await EachAsync(options.Models, async (i, token) =>
        {
            var tags = new[] { new { key = "team", value = $"team-{i % 20}" } };
            await PostAsync("registered-models/create", new { name = $"model-{i}", description = "A model of the benchmark.", tags }, token);
            await PostAsync("model-versions/create", new { name = $"model-{i}", source = "s3://bucket/model", tags }, token);
        }, cancellationToken);
    }

    private async Task<string> SeedExperimentAsync(int runs, CancellationToken cancellationToken)
    {
        var answer = await PostAsync("experiments/create", new { name = $"runs-{runs}" }, cancellationToken);
        var id = answer.GetProperty("experiment_id").GetString()!;
        await EachAsync(runs, async (i, token) =>
        {
            var run = await CreateRunAsync(id, i, token);
            await PostAsync("runs/log-batch", new
            {
                run_id = run,
                metrics = Enumerable.Range(0, 3).Select(m => new { key = $"m{m}", value = i * (m + 7) % 1000 / 1000.0, timestamp = 1_700_000_000_000, step = 0 }),
                @params = Enumerable.Range(0, 3).Select(p => new { key = $"p{p}", value = $"v{i % (p + 10)}" }),
            }, token);
        }, cancellationToken);
        return id;
    }

    private async Task<string> CreateRunAsync(string experiment, int number, CancellationToken cancellationToken)
    {
        var answer = await PostAsync("runs/create", new { experiment_id = experiment, start_time = 1_700_000_000_000 + number }, cancellationToken);
        return answer.GetProperty("run").GetProperty("info").GetProperty("run_id").GetString()!;
    }

    private static IEnumerable<object> Points(int from) =>
        Enumerable.Range(from, 1000).Select(step => new { key = "loss", value = 1.0 / (step + 1), timestamp = 1_700_000_000_000 + step, step });

    private async Task UploadAsync(CancellationToken cancellationToken)
    {
        using var answer = await client.PutAsync($"{url}/api/2.0/mlflow-artifacts/artifacts/bench/small", new ByteArrayContent(new byte[64 << 10]), cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<JsonElement> PostAsync(string call, object body, CancellationToken cancellationToken)
    {
        using var answer = await client.PostAsJsonAsync(call, body, JsonSerializerOptions.Web, cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{call}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    private static Task EachAsync(int count, Func<int, CancellationToken, Task> action, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancellationToken },
        async (i, token) => await action(i, token));
}
