using System.Net;
using System.Text;
using ModelRegistry.Tests.Recordings;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>A server with means to move files, by paths that go into the request line as they are.</summary>
public sealed class ArtifactServer : ServerFixture
{
    public const string Proxy = "/api/2.0/mlflow-artifacts/artifacts";

    public string ArtifactsFolder => Path.Combine(Home, "artifacts");

    /// <summary>Sends a request whose target nobody tidies up.</summary>
    internal Task<WireResponse> SendRawAsync(string method, string target, string? body = null, params (string Name, string Value)[] headers) =>
        new WireClient(Client.BaseAddress!).SendAsync(
            new WireRequest(method, target, headers.ToDictionary(h => h.Name, h => h.Value), body is null ? null : Encoding.UTF8.GetBytes(body)));

    internal Task<WireResponse> PutAsync(string path, string content) => SendRawAsync("PUT", $"{Proxy}/{path}", content);

    internal Task<WireResponse> DownloadAsync(string path, params (string Name, string Value)[] headers) =>
        SendRawAsync("GET", $"{Proxy}/{path}", null, headers);

    /// <summary>Names in a folder of the proxy.</summary>
    public async Task<string[]> ListAsync(string folder)
    {
        var answer = await GetAsync($"{Proxy}?path={WebUtility.UrlEncode(folder)}");
        return [.. (answer.Json["files"]?.AsArray() ?? []).Select(file => (string)file!["path"]!)];
    }

    /// <summary>Makes a run in an experiment of its own.</summary>
    public async Task<(string RunId, string Root)> CreateRunAsync(string? artifactLocation = null)
    {
        var experiment = await PostAsync("experiments/create", new { name = $"e-{Guid.NewGuid():n}", artifact_location = artifactLocation });
        var run = await PostAsync("runs/create", new { experiment_id = (string)experiment.Json["experiment_id"]! });
        var info = run.Json["run"]!["info"]!;
        return ((string)info["run_id"]!, (string)info["artifact_uri"]!);
    }
}

internal static class WireResponseExtensions
{
    public static string Text(this WireResponse response) => Encoding.UTF8.GetString(response.Body);

    public static string? Header(this WireResponse response, string name) =>
        response.Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
