using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests;

/// <summary>The product's own server on a free port, with a database and an artifact folder of its own.</summary>
public class ServerFixture : IAsyncLifetime
{
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("modelregistry-test-");
    private WebApplication? app;
    private TestDatabase database = null!;

    public HttpClient Client { get; private set; } = null!;

    public string Home => home.FullName;

    internal virtual ServerOptions Options => new()
    {
        BackendStoreUri = database.Uri,
        ArtifactsDestination = Path.Combine(home.FullName, "artifacts"),
        Port = 0,
    };

    /// <summary>The running server, for what cannot be asked over the wire.</summary>
    internal WebApplication App => app!;

    public virtual async Task InitializeAsync()
    {
        database = await TestDatabase.CreateAsync(Home);
        app = await ServerApp.BuildAsync(Options);
        await app.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await app!.DisposeAsync();
        home.Delete(recursive: true);
    }

    /// <summary>Runs SQL on the server's database, for states that no call leads to.</summary>
    public Task<object?> ExecuteAsync(string sql) => database.ExecuteAsync(sql);

    /// <summary>Sends a JSON call below <c>/api/2.0/mlflow/</c> (or the given absolute path) and reads the JSON answer.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"/api/2.0/mlflow/{path}");
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer((int)response.StatusCode, text);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);
}

/// <summary>Status and body of an answer.</summary>
public sealed record Answer(int Status, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string? ErrorCode => (string?)Json["error_code"];

    public string? Message => (string?)Json["message"];
}
