using System.Text.Json.Nodes;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Workspaces;

/// <summary>A server with workspaces, and requests that name theirs.</summary>
public sealed class WorkspaceFixture : ServerFixture
{
    public const string Route = "/api/3.0/mlflow/workspaces";

    private int count;

    internal override ServerOptions Options => base.Options with { EnableWorkspaces = true };

    public string NewName() => $"team-{Interlocked.Increment(ref count)}";

    /// <summary>Makes a workspace under a name of its own.</summary>
    public async Task<string> NewWorkspaceAsync(string? root = null)
    {
        var name = NewName();
        var answer = await PostAsync(Route, new { name, default_artifact_root = root });
        Assert.True(answer.Status == 201, answer.Text);
        return name;
    }

    /// <param name="workspace">null sends no header.</param>
    /// <param name="body">JSON, or the bytes of an artifact.</param>
    public async Task<Answer> InAsync(string? workspace, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path.StartsWith('/') ? path : $"/api/2.0/mlflow/{path}");
        if (workspace is not null)
            request.Headers.TryAddWithoutValidation("X-MLFLOW-WORKSPACE", workspace);
        if (body is not null)
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await Client.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sends what has to succeed.</summary>
    public async Task<JsonNode> DoInAsync(string? workspace, string method, string path, string? body = null)
    {
        var answer = await InAsync(workspace, method, path, body);
        Assert.True(answer.Status == 200, $"{method} {path} in {workspace}: {answer.Status} {answer.Text}");
        return answer.Json;
    }

    public async Task<string> NewExperimentAsync(string? workspace, string name = "e") =>
        (string)(await DoInAsync(workspace, "POST", "experiments/create", $$"""{"name": "{{name}}"}"""))["experiment_id"]!;

    public async Task<JsonNode> NewRunAsync(string? workspace, string experiment) =>
        (await DoInAsync(workspace, "POST", "runs/create", $$"""{"experiment_id": "{{experiment}}"}"""))["run"]!["info"]!;
}
