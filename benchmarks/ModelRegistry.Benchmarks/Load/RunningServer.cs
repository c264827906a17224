using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ModelRegistry.Benchmarks.Load;

/// <summary>A server under test with all its processes, in a session of its own so that they can be counted and ended together.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private static readonly HttpClient Client = new();
    private static readonly double TicksPerSecond = 100;
    private static readonly TimeSpan SettleInterval = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(2);

    private readonly Process process;

    private RunningServer(Process process, string url, TimeSpan coldStart) => (this.process, Url, ColdStart) = (process, url, coldStart);

    public string Url { get; }

    /// <summary>From the start of the process until <c>/health</c> answers.</summary>
    public TimeSpan ColdStart { get; }

    /// <param name="command">Program and arguments; <c>{port}</c> stands for the port.</param>
    /// <param name="folder">Working directory; the log goes there too.</param>
    public static async Task<RunningServer> StartAsync(IReadOnlyList<string> command, string folder, CancellationToken cancellationToken)
    {
        var port = FreePort();
        var words = command.Select(word => word.Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)).ToArray();
        var clock = Stopwatch.StartNew();
        var start = new ProcessStartInfo("setsid", ["sh", "-c", "exec \"$@\" > server.log 2>&1", "sh", .. words]) { WorkingDirectory = folder };
        var server = new RunningServer(Process.Start(start)!, $"http://127.0.0.1:{port}", TimeSpan.Zero);
        while (!await server.AnswersAsync(cancellationToken))
        {
            if (server.process.HasExited || clock.Elapsed > TimeSpan.FromMinutes(2))
                throw new InvalidOperationException(
                    $"'{string.Join(' ', words)}' did not start: {await File.ReadAllTextAsync(Path.Combine(folder, "server.log"), cancellationToken)}");
            await Task.Delay(5, cancellationToken);
        }

        return new RunningServer(server.process, server.Url, clock.Elapsed);
    }

    /// <summary>CPU seconds and resident bytes of all its processes.</summary>
    public (double CpuSeconds, long ResidentBytes) Use()
    {
        var (ticks, pages) = (0L, 0L);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (Stat(folder) is not { } fields || fields[3] != process.Id.ToString(CultureInfo.InvariantCulture))
                continue;
            ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            pages += long.Parse(fields[21], CultureInfo.InvariantCulture);
        }

        return (ticks / TicksPerSecond, pages * Environment.SystemPageSize);
    }

    /// <summary>Waits until it does nothing any more: requests that a load has left behind would slow what is measured next.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        var before = Use().CpuSeconds;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < SettleLimit;)
        {
            await Task.Delay(SettleInterval, cancellationToken);
            var now = Use().CpuSeconds;
            if (now - before < SettleInterval.TotalSeconds / 10)
                return;
            before = now;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Every process of the session; MLflow's workers outlive their parent otherwise.
        using (var kill = Process.Start("pkill", ["-TERM", "-s", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        using (var kill = Process.Start("pkill", ["-KILL", "-s", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>The fields of <c>/proc/PID/stat</c> after the name, so that the first is the state; null when it is not a process or is gone.</summary>
    private static string[]? Stat(string folder)
    {
        if (!int.TryParse(Path.GetFileName(folder), out _))
            return null;
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Client.GetAsync($"{Url}/health", cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
