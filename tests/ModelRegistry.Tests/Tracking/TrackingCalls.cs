using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Tracking;

/// <summary>The calls that nearly every test of this folder starts with.</summary>
internal static class TrackingCalls
{
    public static string UniqueName(string prefix = "e") => $"{prefix}-{Guid.NewGuid():N}";

    /// <summary>Sends a POST that has to succeed.</summary>
    public static async Task<JsonNode> DoAsync(this ServerFixture server, string path, object body)
    {
        var answer = await server.PostAsync(path, body);
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    public static async Task<string> NewExperimentAsync(this ServerFixture server) =>
        (string)(await server.DoAsync("experiments/create", new { name = UniqueName() }))["experiment_id"]!;

    public static async Task<string> NewRunAsync(this ServerFixture server, string? experiment = null, string? name = null, long start = 1)
    {
        experiment ??= await server.NewExperimentAsync();
        var answer = await server.DoAsync("runs/create", new { experiment_id = experiment, run_name = name, start_time = start });
        return (string)answer["run"]!["info"]!["run_id"]!;
    }

    public static async Task<JsonNode> GetRunAsync(this ServerFixture server, string run)
    {
        var answer = await server.GetAsync($"runs/get?run_id={run}");
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json["run"]!;
    }

    /// <summary>Keys and values of a list of a run: metrics, params or tags.</summary>
    public static Dictionary<string, string> Values(this JsonNode run, string list) =>
        (run["data"]![list]?.AsArray() ?? []).ToDictionary(item => (string)item!["key"]!, item => item!["value"]!.ToString());
}
