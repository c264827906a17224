using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using ModelRegistry.Server;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Tests;

/// <summary>The product's own server with options of one test.</summary>
internal sealed class StartedServer : IAsyncDisposable
{
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("modelregistry-test-");
    private WebApplication? app;

    private StartedServer()
    {
    }

    public HttpClient Client { get; } = new();

    public string Home => home.FullName;

    public WebApplication App => app!;

    public static Task<StartedServer> StartAsync(Func<ServerOptions, ServerOptions> change) => StartAsync((options, _) => change(options));

    public static Task<StartedServer> StartAsync(Func<ServerOptions, string, ServerOptions> change) =>
        StartAsync((options, home) => Task.FromResult(change(options, home)));

    public static async Task<StartedServer> StartAsync(Func<ServerOptions, string, Task<ServerOptions>> change)
    {
        var server = new StartedServer();
        var options = new ServerOptions
        {
            BackendStoreUri = (await TestDatabase.CreateAsync(server.Home)).Uri,
            ArtifactsDestination = Path.Combine(server.Home, "artifacts"),
            Port = 0,
        };
        server.app = await ServerApp.BuildAsync(await change(options, server.Home));
        await server.app.StartAsync();
        server.Client.BaseAddress = new Uri(server.app.Urls.First());
        return server;
    }

    public async Task<(int Status, string Text)> GetAsync(string path)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<int> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, new MediaTypeHeaderValue("application/json"));
        using var answer = await Client.PostAsync(new Uri(path, UriKind.Relative), content);
        return (int)answer.StatusCode;
    }

    /// <summary>How many rows a table of one of the databases has.</summary>
    public int Count(string file, string table)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(Home, file), Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT COUNT(*) FROM {table}";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (app is not null)
            await app.DisposeAsync();
        home.Delete(recursive: true);
    }
}
