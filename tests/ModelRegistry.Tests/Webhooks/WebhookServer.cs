using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>A server that delivers to this machine, with shorthand for the calls of these tests.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private static readonly string[] Schemes = ["http", "https"];

    public static readonly WebhookOptions Delivering = new()
    {
        Deliver = true, AllowPrivateAddresses = true, AllowedSchemes = Schemes, Timeout = TimeSpan.FromSeconds(10), MaxRetries = 2,
    };

    private readonly HttpClient client;
    private readonly IAsyncDisposable? server;

    private WebhookServer(HttpClient client, IAsyncDisposable? server) => (this.client, this.server) = (client, server);

    public static async Task<WebhookServer> StartAsync(WebhookOptions? webhooks = null, string? databaseUri = null)
    {
        var server = await StartedServer.StartAsync(options => options with
        {
            Webhooks = webhooks ?? Delivering,
            BackendStoreUri = databaseUri ?? options.BackendStoreUri,
        });
        return new WebhookServer(server.Client, server);
    }

    /// <summary>The same calls for a server that runs as a process of its own, which ends by itself.</summary>
    public static WebhookServer Of(ServerProcess server) => new(new HttpClient { BaseAddress = server.Url }, null);

    /// <param name="events">Words as in <c>model_version.created</c>; all there are, when none is named.</param>
    public async Task<string> RegisterAsync(string url, string? secret = null, params string[] events)
    {
        var webhook = await PostAsync("webhooks", Definition(url, secret, events));
        return (string)webhook["webhook"]!["webhook_id"]!;
    }

    /// <summary>What <see cref="RegisterAsync"/> sends.</summary>
    public static object Definition(string url, string? secret = null, params string[] events)
    {
        var all = Server.Webhooks.WebhookEvent.All.Select(item => $"{item.Entity}.{item.Action}");
        var wanted = (events.Length == 0 ? all : events).Select(item => item.ToUpperInvariant().Split('.')).Select(pair => new { entity = pair[0], action = pair[1] });
        return new { name = "hook", url, secret, events = wanted };
    }

    public Task<JsonNode> CreateModelAsync(string name) => PostAsync("registered-models/create", new { name });

    public async Task<JsonArray> LogAsync(string webhookId, string query = "") =>
        (await SendAsync(HttpMethod.Get, $"/api/2.0/modelregistry/webhooks/{webhookId}/deliveries{query}"))["deliveries"] as JsonArray ?? [];

    /// <summary>Waits until the newest delivery of a webhook has a state, and gives its log entry.</summary>
    public async Task<JsonNode> WaitForStateAsync(string webhookId, string state)
    {
        var last = "nothing";
        JsonNode? newest = null;
        await Wait.UntilAsync(
            async () =>
            {
                newest = (await LogAsync(webhookId)).FirstOrDefault();
                last = newest?.ToJsonString() ?? last;
                return (string?)newest?["state"] == state;
            },
            () => $"Not {state}: {last}");
        return newest!;
    }

    public Task<JsonNode> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    /// <summary>The message of a call that is refused.</summary>
    public async Task<string?> RefusalAsync(HttpMethod method, string path, object body)
    {
        using var request = Request(method, path, body);
        using var answer = await client.SendAsync(request);
        Assert.False(answer.IsSuccessStatusCode);
        return (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["message"];
    }

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = Request(method, path, body);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return server?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, object? body) =>
        new(method, path.StartsWith('/') ? path : $"/api/2.0/mlflow/{path}") { Content = body is null ? null : JsonContent.Create(body) };
}
