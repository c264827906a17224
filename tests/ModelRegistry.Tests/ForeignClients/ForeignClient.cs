using System.Text.Json.Nodes;
using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.ForeignClients;

/// <summary>Requests written out as a client in another language sends them.</summary>
internal static class ForeignClient
{
    private const string Api = "/api/2.0/mlflow/";

    /// <param name="path">Below <c>/api/2.0/mlflow/</c>, or absolute.</param>
    /// <param name="body">The text of the body; null for none.</param>
    public static async Task<Answer> RequestAsync(this ServerFixture server, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path.StartsWith('/') ? path : Api + path);
        if (body is not null)
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await server.Client.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sends what has to be answered with exactly 200.</summary>
    public static async Task<JsonNode> SucceedAsync(this ServerFixture server, string method, string path, string? body = null)
    {
        var answer = await server.RequestAsync(method, path, body);
        Assert.True(answer.Status == 200, $"{method} {path}: {answer.Status} {answer.Text}");
        return answer.Json;
    }

    public static async Task<string> NewModelAsync(this ServerFixture server, int versions = 0)
    {
        var name = TrackingCalls.UniqueName("model");
        await server.SucceedAsync("POST", "registered-models/create", $$"""{"name": "{{name}}"}""");
        for (var i = 0; i < versions; i++)
            await server.SucceedAsync("POST", "model-versions/create", $$"""{"name": "{{name}}", "source": "s3://bucket/model"}""");
        return name;
    }

    public static List<string> Names(this JsonNode answer, string list, string field = "name") =>
        [.. (answer[list]?.AsArray() ?? []).Select(item => (string)item![field]!)];
}
