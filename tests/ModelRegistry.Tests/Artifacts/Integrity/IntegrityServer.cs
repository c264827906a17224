using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Server.Artifacts.Integrity;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Registry;

namespace ModelRegistry.Tests.Artifacts.Integrity;

/// <summary>A server with a model version whose files were uploaded through it.</summary>
internal sealed class IntegrityServer : IAsyncDisposable
{
    public const string Proxy = "/api/2.0/mlflow-artifacts/artifacts";
    private const string Api = "/api/2.0/mlflow";

    private IntegrityServer(StartedServer server) => Server = server;

    public StartedServer Server { get; }

    /// <summary>Where the files of the version are on disk.</summary>
    public string Folder { get; private set; } = "";

    /// <summary>Path of the same below the proxy.</summary>
    public string Path { get; private set; } = "";

    public string RunId { get; private set; } = "";

    public static async Task<IntegrityServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null)
    {
        var server = new IntegrityServer(await StartedServer.StartAsync(change ?? (options => options)));
        await server.CreateRunAsync();
        return server;
    }

    /// <summary>Uploads files of a model, and registers them as version 1 of <c>m</c>.</summary>
    public async Task CreateVersionAsync(params (string Path, string Content)[] files)
    {
        foreach (var (path, content) in files)
            await PutAsync(path, content);
        await PostAsync("registered-models/create", new { name = "m" });
        await PostAsync("model-versions/create", new { name = "m", source = $"mlflow-artifacts:/{Path}", run_id = RunId });
    }

    public async Task PutAsync(string path, string content)
    {
        using var body = new StringContent(content);
        using var answer = await Server.Client.PutAsync(new Uri($"{Proxy}/{Path}/{path}", UriKind.Relative), body);
        answer.EnsureSuccessStatusCode();
    }

    public async Task DeleteAsync(string path)
    {
        using var answer = await Server.Client.DeleteAsync(new Uri($"{Proxy}/{Path}/{path}", UriKind.Relative));
        answer.EnsureSuccessStatusCode();
    }

    public async Task<JsonNode> PostAsync(string call, object body)
    {
        using var answer = await Server.Client.PostAsJsonAsync(new Uri($"{Api}/{call}", UriKind.Relative), body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.StatusCode == HttpStatusCode.OK ? JsonNode.Parse(text)! : throw new InvalidOperationException(text);
    }

    /// <summary>Verifies all versions and gives what is then shown at version 1 of <c>m</c>.</summary>
    public async Task<Shown> VerifyAsync(bool deep = false)
    {
        var verification = Server.App.Services.GetRequiredService<Verification>();
        await foreach (var finding in verification.RunAsync(new VersionSelection(), deep, CancellationToken.None))
        {
            if (finding.IsPassedOver)
                throw new InvalidOperationException(finding.Detail);
        }

        return await ShownAsync();
    }

    public async Task<Shown> ShownAsync()
    {
        var version = JsonNode.Parse((await Server.GetAsync($"{Api}/model-versions/get?name=m&version=1")).Text)!["model_version"]!;
        var tags = (version["tags"]?.AsArray() ?? []).ToDictionary(tag => (string)tag!["key"]!, tag => (string)tag!["value"]!);
        return new Shown(
            (string)version["status"]!, (string?)version["status_message"], tags.GetValueOrDefault(VersionIntegrity.StateTag),
            tags.GetValueOrDefault(VersionIntegrity.DetailTag));
    }

    public async Task<JsonNode> ManifestAsync(string query = "") =>
        JsonNode.Parse((await Server.GetAsync($"/api/2.0/modelregistry/model-versions/manifest?name=m&version=1{query}")).Text)!;

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private async Task CreateRunAsync()
    {
        var run = await PostAsync("runs/create", new { experiment_id = "0" });
        RunId = (string)run["run"]!["info"]!["run_id"]!;
        Path = $"0/{RunId}/artifacts/model";
        Folder = System.IO.Path.Combine(Server.Home, "artifacts", "0", RunId, "artifacts", "model");
    }
}

/// <summary>What clients see of a version.</summary>
internal sealed record Shown(string Status, string? Message, string? State, string? Detail);
