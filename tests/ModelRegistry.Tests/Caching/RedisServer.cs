using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace ModelRegistry.Tests.Caching;

/// <summary>A private Redis with its own folder and port, gone without a trace when it is disposed or the tests end.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly GuardedFolder folder = new("redis-");
    private readonly string? password;
    private Process? process;

    private RedisServer(string? password) => this.password = password;

    /// <summary>Why tests with Redis cannot run here; null when they can.</summary>
    public static string? SkipReason { get; } =
        GuardedFolder.Find("redis-server") is null ? "Redis is not installed (package redis-server)." : MariaDbServer.SkipReason;

    public int Port { get; } = GuardedFolder.FreePort();

    public string AuthorityFile => folder.In("ca.pem");

    /// <param name="password">With one, the server speaks TLS alone.</param>
    public static async Task<RedisServer> StartAsync(string? password = null)
    {
        var server = new RedisServer(password);
        if (password is not null)
            TestCertificates.Write(server.folder.Path);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts it on what <c>SAVE</c> has left.</summary>
    public async Task StartAgainAsync()
    {
        var port = Port.ToString(CultureInfo.InvariantCulture);
        string[] network = password is null
            ? ["--port", port]
            : ["--port", "0", "--tls-port", port, "--tls-cert-file", folder.In("server.pem"), "--tls-key-file", folder.In("server.key"),
                "--tls-ca-cert-file", AuthorityFile, "--tls-auth-clients", "no", "--requirepass", password];
        process = GuardedFolder.Start(
            "redis-server", ["--bind", "127.0.0.1", "--save", "", "--dir", folder.Path, "--pidfile", folder.PidFile, "--logfile", folder.In("log"), .. network]);
        await GuardedFolder.WaitForPortAsync(Port, process, () => File.ReadAllText(folder.In("log")));
    }

    public async Task KillAsync()
    {
        if (process is null or { HasExited: true })
            return;
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Holds it still, as a machine does that is out of memory, for the given time.</summary>
    public async Task FreezeAsync(TimeSpan time)
    {
        Assert.Equal(0, GuardedFolder.Signal(process!.Id, GuardedFolder.SigStop));
        await Task.Delay(time);
        Assert.Equal(0, GuardedFolder.Signal(process.Id, GuardedFolder.SigContinue));
    }

    /// <summary>Runs a command with the client that Redis brings along.</summary>
    public async Task<string> CommandAsync(params string[] command)
    {
        string[] login = password is null ? [] : ["--tls", "--cacert", AuthorityFile, "--no-auth-warning", "-a", password, "-h", "localhost"];
        using var client = GuardedFolder.Start("redis-cli", ["-p", Port.ToString(CultureInfo.InvariantCulture), .. login, .. command]);
        var output = await client.StandardOutput.ReadToEndAsync();
        await client.WaitForExitAsync();
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process?.Dispose();
        await folder.DisposeAsync();
    }
}

/// <summary>A test that needs Redis and MariaDB; counted as skipped, with the reason, where one of them is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() => Skip = RedisServer.SkipReason;
}

/// <summary>As <see cref="RedisFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute() => Skip = RedisServer.SkipReason;
}
