using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ModelRegistry.Server.GarbageCollection;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.GarbageCollection;

/// <summary>A server with a database and artifacts of its own, and the command <c>gc</c> on them.</summary>
internal sealed class GcServer : IAsyncDisposable
{
    private static readonly TimeSpan ProcessLimit = TimeSpan.FromMinutes(5);

    private readonly StartedServer server;
    private readonly TestDatabase database;
    private readonly ServerOptions options;

    private GcServer(StartedServer server, TestDatabase database, ServerOptions options) =>
        (this.server, this.database, this.options) = (server, database, options);

    public string Artifacts => options.ArtifactsDestination;

    public GarbageCollector Collector => server.App.Services.GetRequiredService<GarbageCollector>();

    /// <summary>The rounds that the server makes by itself; ended when it makes none.</summary>
    public Task Rounds => server.App.Services.GetServices<IHostedService>().OfType<GcRounds>().Single().ExecuteTask!;

    public static async Task<GcServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null)
    {
        var database = (TestDatabase?)null;
        var options = (ServerOptions?)null;
        var server = await StartedServer.StartAsync(async (given, home) =>
        {
            database = await TestDatabase.CreateAsync(home);
            return options = (change ?? (same => same))(given with { BackendStoreUri = database.Uri });
        });
        return new GcServer(server, database!, options!);
    }

    public Task<GcReport> CollectAsync(GcRequest? request = null, IGcOutput? output = null) =>
        Collector.RunAsync(request ?? new GcRequest(), output ?? new Lines(), CancellationToken.None);

    /// <summary>Runs the command in a process of its own.</summary>
    public async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(ProcessLimit);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Starts the command; whoever calls ends it.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = server.Home };
        string[] all =
        [
            Path.Combine(AppContext.BaseDirectory, "ModelRegistry.Server.dll"), "gc",
            .. arguments.Contains("--backend-store-uri") ? [] : new[] { "--backend-store-uri", options.BackendStoreUri },
            "--artifacts-destination", Artifacts, .. arguments,
        ];
        foreach (var argument in all)
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MLFLOW_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        return Process.Start(start)!;
    }

    public Task<object?> SqlAsync(string sql) => database.ExecuteAsync(sql);

    public async Task<long> CountAsync(string table, string condition = "1 = 1") =>
        Convert.ToInt64(await SqlAsync($"SELECT COUNT(*) FROM {table} WHERE {condition}"), System.Globalization.CultureInfo.InvariantCulture);

    public async Task<JsonNode> PostAsync(string path, object body, string workspace = "default")
    {
        var (status, text) = await SendAsync(HttpMethod.Post, path, body, workspace);
        Assert.True(status is 200 or 201, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<(int Status, string Text)> SendAsync(HttpMethod method, string path, object body, string workspace = "default")
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"/api/2.0/mlflow/{path}") { Content = JsonContent.Create(body) };
        if (options.EnableWorkspaces)
            request.Headers.Add("X-MLFLOW-WORKSPACE", workspace);
        using var answer = await server.Client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<string> CreateExperimentAsync(string name, string? location = null) =>
        (string)(await PostAsync("experiments/create", new { name, artifact_location = location }))["experiment_id"]!;

    /// <summary>A run with one metric and these files.</summary>
    /// <returns>Its id, and its folder on this machine.</returns>
    public async Task<(string Id, string Folder)> CreateRunAsync(string experiment, params string[] files)
    {
        var run = (await PostAsync("runs/create", new { experiment_id = experiment, start_time = 1 }))["run"]!["info"]!;
        var id = (string)run["run_id"]!;
        await PostAsync("runs/log-metric", new { run_id = id, key = "m", value = 1.5, timestamp = 1 });
        return (id, Fill(FolderOf((string)run["artifact_uri"]!), files));
    }

    public async Task<(string Id, string Folder)> CreateLoggedModelAsync(string experiment, string? run, params string[] files)
    {
        var info = (await PostAsync("logged-models", new { experiment_id = experiment, name = "lm", source_run_id = run }))["model"]!["info"]!;
        return ((string)info["model_id"]!, Fill(FolderOf((string)info["artifact_uri"]!), files));
    }

    public async Task<string> CreateVersionAsync(string model, string source)
    {
        await SendAsync(HttpMethod.Post, "registered-models/create", new { name = model });
        return (string)(await PostAsync("model-versions/create", new { name = model, source }))["model_version"]!["version"]!;
    }

    public Task DeleteRunAsync(string run) => PostAsync("runs/delete", new { run_id = run });

    public async Task DeleteAsync(string path, object? body = null)
    {
        var (status, text) = await SendAsync(HttpMethod.Delete, path, body ?? new { });
        Assert.True(status == 200, text);
    }

    /// <summary>The local folder that a location means.</summary>
    public string FolderOf(string uri) =>
        uri.StartsWith("mlflow-artifacts:", StringComparison.Ordinal) ? Path.Combine(Artifacts, uri["mlflow-artifacts:".Length..].TrimStart('/')) : uri;

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static string Fill(string folder, string[] files)
    {
        foreach (var file in files.Select(file => Path.Combine(folder, file)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "0123456789");
        }

        return folder;
    }
}

/// <summary>What a collection said.</summary>
internal sealed class Lines : IGcOutput
{
    public List<string> Said { get; } = [];

    public List<string> Warnings { get; } = [];

    public bool ShowsProgress => true;

    public void Begin(string what, long total) => Said.Add($"{what}: {total}");

    public void Advance(int count) => Said.Add($"+{count}");

    public void Say(string line) => Said.Add(line);

    public void Warn(string line) => Warnings.Add(line);
}
