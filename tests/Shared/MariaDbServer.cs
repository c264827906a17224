using System.Diagnostics;

namespace ModelRegistry.Tests;

/// <summary>A private MariaDB with its own data folder, port and socket, gone without a trace when it is disposed or the tests end.</summary>
internal sealed class MariaDbServer : IAsyncDisposable
{
    private readonly GuardedFolder folder = new("mariadb-");
    private bool isDurable;
    private Process? process;

    /// <summary>Why tests against MariaDB cannot run here; null when they can.</summary>
    public static string? SkipReason { get; } =
        GuardedFolder.Find("mariadbd") is null || GuardedFolder.Find("mariadb-install-db") is null ? "MariaDB is not installed (package mariadb-server)." : null;

    public int Port { get; } = GuardedFolder.FreePort();

    public string Socket => folder.In("mysqld.sock");

    /// <summary>PEM file of the authority that signed the server's certificate, which is for <c>localhost</c>.</summary>
    public string AuthorityFile => folder.In("ca.pem");

    /// <summary>Options of a connection over TCP as <c>root</c>, who has no password; ids of 36 characters are text.</summary>
    public string ConnectionString => $"Server=127.0.0.1;Port={Port};User ID=root;GuidFormat=None";

    /// <param name="isDurable">As in production: commits reach the disk, and there is memory for hundreds of megabytes of rows; slower.</param>
    public static async Task<MariaDbServer> StartAsync(bool isDurable = false)
    {
        var server = new MariaDbServer { isDurable = isDurable };
        try
        {
            TestCertificates.Write(server.folder.Path);
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
        await GuardedFolder.WaitForPortAsync(Port, process, () => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "no log");
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await folder.DisposeAsync();
    }

    private string DataFolder => folder.In("data");

    private string LogFile => folder.In("error.log");

    private async Task InstallAsync()
    {
        using var install = GuardedFolder.Start(
            "mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", $"--datadir={DataFolder}", $"--user={Environment.UserName}",

            // A starting MariaDB removes the temporary tables it finds in its folder, also those of another one that is being installed.
            $"--tmpdir={folder.Path}");
        var output = string.Concat(await Task.WhenAll(install.StandardOutput.ReadToEndAsync(), install.StandardError.ReadToEndAsync()));
        await install.WaitForExitAsync();
        if (install.ExitCode != 0)
            throw new InvalidOperationException($"mariadb-install-db failed: {output}");
    }

    private Process Launch() => GuardedFolder.Start(
        "mariadbd", "--no-defaults", $"--user={Environment.UserName}", $"--datadir={DataFolder}", $"--socket={Socket}", $"--port={Port}",
        $"--log-error={LogFile}", $"--pid-file={folder.PidFile}", $"--tmpdir={folder.Path}", "--bind-address=127.0.0.1",
        "--skip-log-bin", "--skip-name-resolve", "--max-allowed-packet=64M", "--max-connections=300",
        $"--innodb-buffer-pool-size={(isDurable ? 512 : 64)}M", $"--innodb-flush-log-at-trx-commit={(isDurable ? 1 : 0)}",
        $"--ssl-ca={AuthorityFile}", $"--ssl-cert={folder.In("server.pem")}", $"--ssl-key={folder.In("server.key")}");
}
