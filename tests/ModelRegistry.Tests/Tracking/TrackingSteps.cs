using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Tracking;

/// <summary>What the tests of inputs, histories and logged models do again and again.</summary>
internal static class TrackingSteps
{
    public static async Task<string> NewModelAsync(this ServerFixture server, string experimentId, string name) =>
        (string)(await OkAsync(server.PostAsync("logged-models", new { experiment_id = experimentId, name })))["model"]!["info"]!["model_id"]!;

    public static Task<JsonNode> LogAsync(this ServerFixture server, string runId, object metric)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(metric)!;
        body["run_id"] = runId;
        return OkAsync(server.PostAsync("runs/log-metric", body));
    }

    public static async Task<JsonNode> OkAsync(Task<Answer> call)
    {
        var answer = await call;
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    public static List<T> Pluck<T>(JsonNode? list, string field) => [.. (list?.AsArray() ?? []).Select(item => item![field]!.GetValue<T>())];
}
