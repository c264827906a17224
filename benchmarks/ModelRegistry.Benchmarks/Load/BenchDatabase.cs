using System.Data.Common;
using System.Diagnostics;
using Dapper;
using Microsoft.Data.Sqlite;
using ModelRegistry.Tests;
using MySqlConnector;

namespace ModelRegistry.Benchmarks.Load;

/// <summary>A database server with one database per contender, the second made from the first.</summary>
internal abstract class BenchDatabase
{
    /// <summary>As it is called in the table.</summary>
    public abstract string Title { get; }

    /// <summary>Address of a contender's database, as <c>--backend-store-uri</c> takes it.</summary>
    public abstract string UriOf(string contender);

    /// <summary>CPU time of a database that runs on its own so far, in seconds.</summary>
    public virtual double CpuSeconds => 0;

    /// <summary>A connection of our own to a contender's database, for when no server is at it; it checks less, so that many rows are written fast.</summary>
    public abstract Task<DbConnection> OpenAsync(string contender, CancellationToken cancellationToken);

    /// <summary>Has the tables counted anew, where the database does that by itself only after a while.</summary>
    public virtual Task AnalyzeAsync(DbConnection connection, IEnumerable<string> tables) => Task.CompletedTask;

    /// <summary>For a connection of our own to this server's database; null where a second writer would get in its way.</summary>
    public virtual string? ConnectionString => null;

    /// <summary>
    /// Gives another contender the same rows, without what this server adds to MLflow's schema: its indexes would slow MLflow's writes, or
    /// speed its reads.
    /// </summary>
    public abstract Task CopyAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>Stops what was started.</summary>
    public abstract ValueTask StopAsync();

    public static async Task<BenchDatabase> StartAsync(string kind, string folder) => kind switch
    {
        "sqlite" => new SqliteBench(folder),
        "mariadb" => new MariaBench(await MariaDbServer.StartAsync(isDurable: true)),
        _ => throw new ArgumentException($"'{kind}' is no database of the benchmarks: sqlite, mariadb."),
    };

    private sealed class SqliteBench(string folder) : BenchDatabase
    {
        public override string Title => "SQLite";

        public override string UriOf(string contender) => $"sqlite:///{PathOf(contender)}";

        public override async Task<DbConnection> OpenAsync(string contender, CancellationToken cancellationToken)
        {
            var connection = new SqliteConnection($"Data Source={PathOf(contender)};Pooling=False;Foreign Keys=False");
            await connection.OpenAsync(cancellationToken);
            await connection.ExecuteAsync("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000");
            return connection;
        }

        public override async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
        {
            File.Copy(PathOf(from), PathOf(to));
            await using var connection = new SqliteConnection($"Data Source={PathOf(to)};Pooling=False");
            var ours = await connection.QueryAsync<(string Kind, string Name)>("SELECT type, name FROM sqlite_master WHERE name LIKE 'mr!_%' ESCAPE '!' ORDER BY type");
            foreach (var (kind, name) in ours)
                await connection.ExecuteAsync($"DROP {kind} IF EXISTS \"{name}\"");
        }

        public override ValueTask StopAsync() => ValueTask.CompletedTask;

        private string PathOf(string contender) => Path.Combine(folder, contender, "mlflow.db");
    }

    private sealed class MariaBench(MariaDbServer server) : BenchDatabase
    {
        private readonly Lazy<Process> process = new(() => Process.GetProcessesByName("mariadbd")
            .First(each => File.ReadAllText($"/proc/{each.Id}/cmdline").Contains($"--port={server.Port}", StringComparison.Ordinal)));

        private readonly List<MySqlDataSource> sources = [];

        public override string Title => "MariaDB";

        public override double CpuSeconds
        {
            get
            {
                process.Value.Refresh();
                return process.Value.TotalProcessorTime.TotalSeconds;
            }
        }

        public override string ConnectionString => $"{server.ConnectionString};Database={Contender.OursName}";

        public override string UriOf(string contender)
        {
            Shell($"mariadb --protocol=tcp -h 127.0.0.1 -P {server.Port} -u root -e 'CREATE DATABASE IF NOT EXISTS {contender}'");
            return $"mysql+pymysql://root@127.0.0.1:{server.Port}/{contender}";
        }

        public override async Task<DbConnection> OpenAsync(string contender, CancellationToken cancellationToken)
        {
            var source = new MySqlDataSource($"{server.ConnectionString};Database={contender};Default Command Timeout=0");
            sources.Add(source);
            var connection = await source.OpenConnectionAsync(cancellationToken);
            await connection.ExecuteAsync("SET GLOBAL innodb_buffer_pool_size = 2147483648");
            await connection.ExecuteAsync("SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT', foreign_key_checks = 0, unique_checks = 0");
            return connection;
        }

        public override async Task AnalyzeAsync(DbConnection connection, IEnumerable<string> tables)
        {
            foreach (var table in tables)
                await connection.QueryAsync($"ANALYZE TABLE {table}");
        }

        public override async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
        {
            UriOf(to);
            var address = $"--protocol=tcp -h 127.0.0.1 -P {server.Port} -u root";
            Shell($"mariadb-dump {address} --single-transaction {from} | mariadb {address} {to}");
            await using var source = new MySqlDataSource($"{server.ConnectionString};Database={to}");
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            var tables = await connection.QueryAsync<string>("SELECT table_name FROM information_schema.tables WHERE table_schema = @to AND table_name LIKE 'mr!_%' ESCAPE '!'", new { to });
            await connection.ExecuteAsync("SET foreign_key_checks = 0");
            foreach (var table in tables)
                await connection.ExecuteAsync($"DROP TABLE `{table}`");
            var indexes = await connection.QueryAsync<(string Table, string Name)>(
                "SELECT DISTINCT table_name, index_name FROM information_schema.statistics WHERE table_schema = @to AND index_name LIKE 'mr!_%' ESCAPE '!'", new { to });
            foreach (var (table, name) in indexes)
                await connection.ExecuteAsync($"DROP INDEX `{name}` ON `{table}`");
        }

        public override async ValueTask StopAsync()
        {
            foreach (var source in sources)
                await source.DisposeAsync();
            await server.DisposeAsync();
        }

        private static void Shell(string command)
        {
            using var process = Process.Start("bash", ["-c", "set -o pipefail; " + command]);
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"'{command}' failed with {process.ExitCode}.");
        }
    }
}
