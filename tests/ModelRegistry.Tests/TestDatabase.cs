using System.Data.Common;
using Microsoft.Data.Sqlite;
using MySqlConnector;

namespace ModelRegistry.Tests;

/// <summary>
/// The database of one test server: a SQLite file, or, with <c>MODELREGISTRY_TEST_DATABASE=mariadb</c>, a database of its own on a
/// private MariaDB that all tests of the run share.
/// </summary>
internal sealed class TestDatabase
{
    private static readonly Lazy<Task<MariaDbServer>> MariaDb = new(() => MariaDbServer.StartAsync());
    private static int count;

    private readonly DbDataSource? source;
    private readonly string path;

    private TestDatabase(string uri, string path, DbDataSource? source)
    {
        Uri = uri;
        this.path = path;
        this.source = source;
    }

    /// <summary>Whether the whole run is on MariaDB.</summary>
    public static bool IsMariaDb { get; } = Environment.GetEnvironmentVariable("MODELREGISTRY_TEST_DATABASE") == "mariadb";

    /// <summary>The MariaDB that all tests of the run share; started for the first who asks.</summary>
    public static Task<MariaDbServer> SharedMariaDbAsync() => MariaDb.Value;

    /// <summary>As <c>--backend-store-uri</c> takes it.</summary>
    public string Uri { get; }

    /// <param name="folder">Where the file goes, if it is one.</param>
    public static async Task<TestDatabase> CreateAsync(string folder)
    {
        var path = Path.Combine(folder, "mlflow.db");
        if (!IsMariaDb)
            return new TestDatabase($"sqlite:///{path}", path, null);
        var server = await MariaDb.Value;
        var name = $"test_{Interlocked.Increment(ref count)}";
        await using (var admin = new MySqlDataSource(server.ConnectionString))
            await ExecuteAsync(admin, $"CREATE DATABASE {name}");
        return new TestDatabase($"mysql://root@127.0.0.1:{server.Port}/{name}", path, new MySqlDataSource($"{server.ConnectionString};Database={name}"));
    }

    /// <summary>Runs SQL that no call of the server leads to; <c>"…"</c> quotes names.</summary>
    /// <returns>The first value of the first row.</returns>
    public async Task<object?> ExecuteAsync(string sql)
    {
        if (source is not null)
            return await ExecuteAsync(source, $"SET SESSION sql_mode = 'ANSI'; {sql}");
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }

    private static async Task<object?> ExecuteAsync(DbDataSource source, string sql)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
