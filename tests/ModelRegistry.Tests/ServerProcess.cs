using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace ModelRegistry.Tests;

/// <summary>How a server process differs from the usual one: its own database and artifact folder, no environment but ours.</summary>
internal sealed record ServerProcessOptions
{
    /// <summary>Where the data is; a new database when not given.</summary>
    public string? BackendStoreUri { get; init; }

    /// <summary>0 takes a free one at each start.</summary>
    public int Port { get; init; }

    /// <summary>Where artifacts go; a folder of its own when not given.</summary>
    public string? ArtifactsDestination { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Off, so that no test calls another host; for tests of delivery, whose receivers are on this machine.</summary>
    public bool DeliverWebhooks { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// The built server as a process of its own, on a free port of 127.0.0.1 and in a temporary folder. It can be stopped or killed and
/// started again on the same data; disposing it ends the process and removes the folder.
/// </summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly ServerProcessOptions options;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");
    private readonly StringBuilder output = new();
    private Process? process;
    private TestDatabase? database;

    private ServerProcess(ServerProcessOptions options)
    {
        this.options = options;
        AppDomain.CurrentDomain.ProcessExit += KillOnExit;
    }

    /// <summary>Address of the running server; it changes when the server is started again.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1");

    public int ProcessId => Running.Id;
    public string Folder => folder.FullName;
    public string DatabasePath => Path.Combine(Folder, "mlflow.db");
    public string ArtifactsFolder => Path.Combine(Folder, "artifacts");

    /// <summary>Everything that was written to the standard streams so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    private Process Running => process ?? throw new InvalidOperationException("The server is not running.");

    public static async Task<ServerProcess> StartAsync(ServerProcessOptions? options = null)
    {
        var server = new ServerProcess(options ?? new ServerProcessOptions());
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on the data that is there, after <see cref="StopAsync"/> or <see cref="KillAsync"/>.</summary>
    public async Task StartAgainAsync()
    {
        if (process is not null)
            throw new InvalidOperationException("The server is running.");
        database ??= await TestDatabase.CreateAsync(Folder);
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process = new Process { StartInfo = StartInfo(), EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Note(line.Data, listening);
        process.ErrorDataReceived += (_, line) => Note(line.Data, listening);
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("The server ended before it listened."));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            Url = await listening.Task.WaitAsync(StartLimit);
            await WaitUntilHealthyAsync();
        }
        catch (Exception failure) when (failure is InvalidOperationException or TimeoutException or HttpRequestException)
        {
            throw new InvalidOperationException($"The server did not start: {failure.Message}\n{Output}", failure);
        }
    }

    /// <summary>Asks it to end with SIGTERM and gives the exit code.</summary>
    public async Task<int> StopAsync()
    {
        _ = GuardedFolder.Signal(Running.Id, GuardedFolder.SigTerm);
        await Running.WaitForExitAsync().WaitAsync(StopLimit);
        return Forget();
    }

    /// <summary>Waits until it takes no connections any more, as the first thing of its end.</summary>
    public async Task WaitUntilClosedAsync() => await Wait.UntilAsync(
        async () =>
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(Url.Host, Url.Port);
                return false;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                return true;
            }
        },
        () => $"The server still takes connections.\n{Output}");

    /// <summary>Waits until the server, whose metrics are to be exposed, has the headers of a request that is not answered yet.</summary>
    public async Task WaitUntilActiveAsync(string method)
    {
        using var client = new HttpClient { BaseAddress = Url };
        await Wait.UntilAsync(
            async () => (await client.GetStringAsync(new Uri("/metrics", UriKind.Relative)))
                .Contains($$"""http_server_active_requests{http_request_method="{{method}}"} 1""", StringComparison.Ordinal),
            () => $"No {method} is active.");
    }

    /// <summary>Ends it at once with SIGKILL, as a crash would.</summary>
    public async Task KillAsync()
    {
        Running.Kill();
        await Running.WaitForExitAsync().WaitAsync(StopLimit);
        Forget();
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillOnExit;
        if (process is { HasExited: false })
            await KillAsync();
        process?.Dispose();
        folder.Delete(recursive: true);
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "ModelRegistry.Server.dll"), "serve",
            "--host", "127.0.0.1", "--port", options.Port.ToString(CultureInfo.InvariantCulture),
            "--backend-store-uri", options.BackendStoreUri ?? database!.Uri,
            "--artifacts-destination", options.ArtifactsDestination ?? ArtifactsFolder, "--serve-artifacts",
            .. options.DeliverWebhooks ? [] : new[] { "--no-webhook-delivery" },
        ];
        foreach (var argument in arguments.Concat(options.Arguments))
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MLFLOW_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in options.Environment)
            start.Environment[name] = value;
        return start;
    }

    private void Note(string? line, TaskCompletionSource<Uri> listening)
    {
        if (line is null)
            return;
        lock (output)
            output.AppendLine(line);
        if (ListeningAddress().Match(line) is { Success: true } match)
            listening.TrySetResult(new Uri(match.Value));
    }

    private async Task WaitUntilHealthyAsync()
    {
        using var client = new HttpClient { Timeout = StartLimit };
        using var health = await client.GetAsync(new Uri(Url, "/health"));
        if (!health.IsSuccessStatusCode)
            throw new InvalidOperationException($"/health answers {(int)health.StatusCode}.");
    }

    private int Forget()
    {
        // Waits until both streams are read to their end, so that Output is complete.
        Running.WaitForExit();
        var code = Running.ExitCode;
        Running.Dispose();
        process = null;
        return code;
    }

    private void KillOnExit(object? sender, EventArgs arguments)
    {
        if (process is { HasExited: false })
            process.Kill();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[1-9][0-9]*")]
    private static partial Regex ListeningAddress();
}
