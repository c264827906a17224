using System.Diagnostics;
using System.Globalization;
using MySqlConnector;
using Xunit;

namespace ModelRegistry.Tests.ScaleOut;

/// <summary>Three MariaDB nodes of one Galera cluster on this machine, with private folders and ports.</summary>
internal sealed class GaleraCluster : IAsyncDisposable
{
    private const string Provider = "/usr/lib/galera/libgalera_smm.so";
    private readonly List<Node> nodes = [];

    /// <summary>Why tests with Galera cannot run here; null when they can.</summary>
    public static string? SkipReason { get; } = File.Exists(Provider) && GuardedFolder.Find("rsync") is not null
        ? MariaDbServer.SkipReason
        : "Galera is not installed (packages galera-4 and rsync).";

    public int Port(int node) => nodes[node].Sql;

    public string ConnectionString(int node) => $"Server=127.0.0.1;Port={Port(node)};User ID=root";

    /// <remarks>Twelve ports are chosen before they are used; when another program was quicker, others are taken.</remarks>
    public static async Task<GaleraCluster> StartAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var cluster = new GaleraCluster();
            try
            {
                cluster.nodes.AddRange(Enumerable.Range(0, 3).Select(_ => new Node()));
                await cluster.StartNodesAsync();
                return cluster;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                await cluster.DisposeAsync();
            }
            catch
            {
                await cluster.DisposeAsync();
                throw;
            }
        }
    }

    public async Task KillAsync(int node)
    {
        nodes[node].Process!.Kill();
        await nodes[node].Process!.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            if (node.Process is { HasExited: false } process)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            node.Process?.Dispose();
            await node.Folder.DisposeAsync();
        }
    }

    // Nodes that begin with copies of one state need not send it to each other.
    private async Task StartNodesAsync()
    {
        await RunAsync(
            "mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", $"--datadir={nodes[0].Data}",
            $"--user={Environment.UserName}", $"--tmpdir={nodes[0].Folder.Path}");
        await LaunchAsync(nodes[0], "--wsrep-new-cluster");
        await UntilSyncedAsync(nodes[0], size: 1); // Before that, a signal to stop is lost.
        Assert.Equal(0, GuardedFolder.Signal(nodes[0].Process!.Id, GuardedFolder.SigTerm));
        await nodes[0].Process!.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        foreach (var node in nodes.Skip(1))
            await RunAsync("cp", "-r", nodes[0].Data, node.Data);
        foreach (var node in nodes)
            await RunAsync("chown", "-R", Account, node.Folder.Path);
        await LaunchAsync(nodes[0], "--wsrep-new-cluster");
        await Task.WhenAll(nodes.Skip(1).Select(node => LaunchAsync(node)));
        foreach (var node in nodes)
            await UntilSyncedAsync(node, size: 3);
    }

    // The copying tool of a node that runs as root gives up its rights, and could not read the data any more.
    private static string Account => Environment.UserName == "root" ? "mysql" : Environment.UserName;

    private async Task LaunchAsync(Node node, params string[] more)
    {
        await RunAsync("chown", "-R", Account, node.Folder.Path);
        var group = string.Join(',', nodes.Select(other => Local(other.Group)));
        node.Process = GuardedFolder.Start(
            "mariadbd",
            [
                "--no-defaults", $"--user={Account}", $"--datadir={node.Data}", $"--socket={node.Folder.In("sock")}", $"--port={node.Sql}",
                $"--log-error={node.Log}", $"--pid-file={node.Folder.PidFile}", $"--tmpdir={node.Folder.Path}", "--bind-address=127.0.0.1",
                "--skip-name-resolve", "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0", "--binlog-format=ROW",
                "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON", $"--wsrep-provider={Provider}", "--wsrep-cluster-name=test",
                $"--wsrep-cluster-address=gcomm://{group}", $"--wsrep-node-address={Local(node.Group)}", "--wsrep-sst-method=rsync",
                $"--wsrep-sst-receive-address={Local(node.Transfer)}", "--wsrep-sync-wait=1",
                $"--wsrep-provider-options=gmcast.listen_addr=tcp://{Local(node.Group)};ist.recv_addr={Local(node.Increment)};gcache.size=32M",
                .. more,
            ]);
        await GuardedFolder.WaitForPortAsync(node.Sql, node.Process, () => File.Exists(node.Log) ? File.ReadAllText(node.Log) : "no log");
    }

    private static async Task UntilSyncedAsync(Node node, int size)
    {
        await using var source = new MySqlDataSource($"Server=127.0.0.1;Port={node.Sql};User ID=root");
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync();
                await using var command = connection.CreateCommand();
                command.CommandText =
                    """
                    SELECT GROUP_CONCAT(variable_value ORDER BY variable_name) FROM information_schema.global_status
                    WHERE variable_name IN ('wsrep_cluster_size', 'wsrep_ready')
                    """;
                if (Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) == $"{size},ON")
                    return;
            }
            catch (MySqlException e) when (e.IsTransient || e.ErrorCode == MySqlErrorCode.UnknownCommand)
            {
                // Not yet.
            }

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), await File.ReadAllTextAsync(node.Log));
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = GuardedFolder.Start(program, arguments);
        var output = string.Concat(await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync()));
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output);
    }

    private static string Local(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private sealed class Node
    {
        public GuardedFolder Folder { get; } = new("galera-");

        public int Sql { get; } = GuardedFolder.FreePort();

        public int Group { get; } = GuardedFolder.FreePort();

        public int Increment { get; } = GuardedFolder.FreePort();

        public int Transfer { get; } = GuardedFolder.FreePort();

        public Process? Process { get; set; }

        public string Data => Folder.In("data");

        public string Log => Folder.In("error.log");
    }
}

/// <summary>A test that needs a Galera cluster; counted as skipped, with the reason, where there can be none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GaleraFactAttribute : FactAttribute
{
    public GaleraFactAttribute() => Skip = GaleraCluster.SkipReason;
}
