using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ModelRegistry.Tests;

/// <summary>A private MariaDB with its own data folder, port and socket, gone without a trace when it is disposed or the tests end.</summary>
internal sealed class MariaDbServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    // Waits for the end of the test process, however it ends: a test host leaves no time for handlers of its own.
    private const string CleanUpAfterParent =
        """
        read -r _
        pid=$(cat "$0/pid" 2>/dev/null) && kill -9 "$pid" 2>/dev/null
        while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
        rm -rf "$0"
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("mariadb-").FullName;
    private readonly Process guard;
    private bool isDurable;
    private Process? process;

    private MariaDbServer() =>
        guard = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", CleanUpAfterParent, folder]) { RedirectStandardInput = true })!;

    /// <summary>Why tests against MariaDB cannot run here; null when they can.</summary>
    public static string? SkipReason { get; } =
        Find("mariadbd") is null || Find("mariadb-install-db") is null ? "MariaDB is not installed (package mariadb-server)." : null;

    public int Port { get; } = FreePort();

    public string Socket => Path.Combine(folder, "mysqld.sock");

    /// <summary>PEM file of the authority that signed the server's certificate, which is for <c>localhost</c>.</summary>
    public string AuthorityFile => Path.Combine(folder, "ca.pem");

    /// <summary>Options of a connection over TCP as <c>root</c>, who has no password.</summary>
    public string ConnectionString => $"Server=127.0.0.1;Port={Port};User ID=root";

    /// <param name="isDurable">Commits reach the disk, as in production; slower.</param>
    public static async Task<MariaDbServer> StartAsync(bool isDurable = false)
    {
        var server = new MariaDbServer { isDurable = isDurable };
        try
        {
            TestCertificates.Write(server.folder);
            await server.InstallAsync();
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it at once, as a crash would; <see cref="StartAgainAsync"/> continues on the same data and port.</summary>
    public async Task KillAsync()
    {
        if (process is null)
            return;
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async Task StartAgainAsync()
    {
        process = Launch();
        await WaitUntilReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        guard.StandardInput.Close();
        await guard.WaitForExitAsync();
        guard.Dispose();
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/usr/bin")
            .Where(directory => directory.Length > 0).Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string DataFolder => Path.Combine(folder, "data");

    private string LogFile => Path.Combine(folder, "error.log");

    private async Task InstallAsync()
    {
        using var install = Start(
            "mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", $"--datadir={DataFolder}", $"--user={Environment.UserName}",

            // A starting MariaDB removes the temporary tables it finds in its folder, also those of another one that is being installed.
            $"--tmpdir={folder}");
        var output = string.Concat(await Task.WhenAll(install.StandardOutput.ReadToEndAsync(), install.StandardError.ReadToEndAsync()));
        await install.WaitForExitAsync();
        if (install.ExitCode != 0)
            throw new InvalidOperationException($"mariadb-install-db failed: {output}");
    }

    private Process Launch() => Start(
        "mariadbd", "--no-defaults", $"--user={Environment.UserName}", $"--datadir={DataFolder}", $"--socket={Socket}", $"--port={Port}",
        $"--log-error={LogFile}", $"--pid-file={Path.Combine(folder, "pid")}", $"--tmpdir={folder}", "--bind-address=127.0.0.1",
        "--skip-log-bin", "--skip-name-resolve", "--max-allowed-packet=64M", "--max-connections=300", "--innodb-buffer-pool-size=64M",
        isDurable ? "--innodb-flush-log-at-trx-commit=1" : "--innodb-flush-log-at-trx-commit=0",
        $"--ssl-ca={AuthorityFile}", $"--ssl-cert={Path.Combine(folder, "server.pem")}", $"--ssl-key={Path.Combine(folder, "server.key")}");

    private static Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(Find(program)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private async Task WaitUntilReadyAsync()
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            if (process!.HasExited || clock.Elapsed > StartLimit)
                throw new InvalidOperationException($"MariaDB did not start: {(File.Exists(LogFile) ? await File.ReadAllTextAsync(LogFile) : "no log")}");
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }
    }
}
