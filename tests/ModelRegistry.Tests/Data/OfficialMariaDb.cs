using System.Data.Common;
using Microsoft.Data.Sqlite;
using MySqlConnector;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>Our server on the tables that MLflow's own server makes on MariaDB, with the rows of <see cref="OfficialDatabase"/> in them.</summary>
public sealed class OfficialMariaDb : IAsyncLifetime
{
    private const string Prepare = "SET SESSION sql_mode = 'ANSI_QUOTES,NO_AUTO_VALUE_ON_ZERO,STRICT_TRANS_TABLES', foreign_key_checks = 0";
    private readonly string name = $"official_{Guid.NewGuid():N}";
    private string connectionString = "";
    private StartedServer? server;

    internal HttpClient Client => server!.Client;

    /// <summary>Tables and rows as they were before our server opened the database.</summary>
    internal IReadOnlyList<string> Before { get; private set; } = [];

    public async Task InitializeAsync()
    {
        if (MariaDbServer.SkipReason is not null)
            return;
        var mariaDb = await TestDatabase.SharedMariaDbAsync();
        await using (var admin = new MySqlDataSource(mariaDb.ConnectionString))
            await RunAsync(admin, $"CREATE DATABASE {name} CHARACTER SET utf8mb4");
        connectionString = $"{mariaDb.ConnectionString};Database={name}";
        await using var source = Open();
        var schema = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "TestData", "official-server-mariadb.sql"));
        foreach (var statement in schema.Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            await RunAsync(source, statement);
        await CopyRowsAsync(source);
        Before = await StateAsync();
        server = await StartedServer.StartAsync(options => options with { BackendStoreUri = $"mysql+pymysql://root@127.0.0.1:{mariaDb.Port}/{name}" });
    }

    public async Task DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    /// <summary>Definition and row count of every table, and a checksum of its rows.</summary>
    internal async Task<IReadOnlyList<string>> StateAsync()
    {
        var state = new List<string>();
        await using var source = Open();
        await using var connection = await source.OpenConnectionAsync();
        foreach (var table in await ReadAsync(connection, "SHOW TABLES", 0))
        {
            if (table.StartsWith("mr_", StringComparison.Ordinal))
                continue;
            state.AddRange((await ReadAsync(connection, $"SHOW CREATE TABLE \"{table}\"", 1)).Select(WithoutOurs));
            state.AddRange(await ReadAsync(connection, $"CHECKSUM TABLE \"{table}\" EXTENDED", 1));
        }

        return state;
    }

    private static string WithoutOurs(string definition) => string.Join(
        '\n', definition.Split('\n').Where(line => !line.Contains("\"mr_", StringComparison.Ordinal)).Select(line => line.TrimEnd(',')));

    /// <summary>Connections that take names in <c>"…"</c> and rows in any order of their tables.</summary>
    private MySqlDataSource Open() => new MySqlDataSourceBuilder(connectionString).UseConnectionOpenedCallback(async (context, cancellationToken) =>
    {
        await using var command = Command(context.Connection, Prepare);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }).Build();

    private static async Task CopyRowsAsync(MySqlDataSource source)
    {
        await using var original = new SqliteConnection($"Data Source={OfficialDatabase.OriginalPath};Mode=ReadOnly");
        await original.OpenAsync();
        await using var target = await source.OpenConnectionAsync();
        foreach (var table in await ReadAsync(original, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'", 0))
        {
            // Generated columns are not among them.
            var columns = await ReadAsync(original, $"PRAGMA table_info(\"{table}\")", 1);
            var list = string.Join(", ", columns.Select(column => $"\"{column}\""));
            await using var rows = Command(original, $"SELECT {list} FROM \"{table}\"");
            await using var reader = await rows.ExecuteReaderAsync();
            await using var insert = Command(target, $"INSERT INTO \"{table}\" ({list}) VALUES ({string.Join(", ", columns.Select((_, index) => $"@p{index}"))})");
            while (await reader.ReadAsync())
            {
                insert.Parameters.Clear();
                for (var index = 0; index < columns.Count; index++)
                {
                    var parameter = insert.CreateParameter();
                    (parameter.ParameterName, parameter.Value) = ($"@p{index}", reader.GetValue(index));
                    insert.Parameters.Add(parameter);
                }

                await insert.ExecuteNonQueryAsync();
            }
        }
    }

    private static async Task RunAsync(DbDataSource source, string sql)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = Command(connection, sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> ReadAsync(DbConnection connection, string sql, int column)
    {
        await using var command = Command(connection, sql);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await reader.ReadAsync())
            values.Add(Convert.ToString(reader.GetValue(column), null)!);
        return values;
    }

#pragma warning disable CA2100 // the parts that are not constant are names of tables and columns of the test's own databases
    private static DbCommand Command(DbConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
#pragma warning restore CA2100
}
