using System.Text.Json;
using Microsoft.Data.Sqlite;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>Our server on a copy of a database that MLflow's own server has made and filled.</summary>
public sealed class OfficialDatabase : IAsyncLifetime
{
    private static readonly string TestData = Path.Combine(AppContext.BaseDirectory, "TestData");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");
    private ServerProcess? server;

    /// <summary>What was asked of MLflow's server on that database, and what it answered.</summary>
    internal static IReadOnlyList<OfficialExchange> Exchanges { get; } = ReadExchanges();

    internal static string OriginalPath => Path.Combine(TestData, "official-server.db");

    internal string CopyPath => Path.Combine(folder.FullName, "mlflow.db");

    internal HttpClient Client { get; } = new();

    public async Task InitializeAsync()
    {
        File.Copy(OriginalPath, CopyPath);
        server = await ServerProcess.StartAsync(new ServerProcessOptions { BackendStoreUri = $"sqlite:///{CopyPath}" });
        Client.BaseAddress = server.Url;
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (server is not null)
            await server.DisposeAsync();
        folder.Delete(recursive: true);
    }

    /// <summary>Every row of every table of MLflow, as text, sorted.</summary>
    internal static IReadOnlyList<string> Rows(string path)
    {
        using var connection = Open(path);
        var rows = new List<string>();
        foreach (var table in Read(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'mr!_%' ESCAPE '!'"))
            rows.AddRange(Read(connection, $"""SELECT * FROM "{table}" """).Select(row => $"{table}: {row}"));
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    /// <summary>The statements that made the tables and indexes of MLflow.</summary>
    internal static IReadOnlyList<string> Schema(string path)
    {
        using var connection = Open(path);
        const string Sql = """
            SELECT type, name, sql FROM sqlite_master
            WHERE name NOT LIKE 'mr!_%' ESCAPE '!' AND tbl_name NOT LIKE 'mr!_%' ESCAPE '!'
            ORDER BY type, name
            """;
        return [.. Read(connection, Sql)];
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadOnly,
        }.ToString());
        connection.Open();
        return connection;
    }

    private static List<string> Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the only part that is not constant is the name of a table of the test's own database
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? "NULL" : reader.GetString(column))));
        return rows;
    }

    private static List<OfficialExchange> ReadExchanges()
    {
        var document = JsonElement.Parse(File.ReadAllText(Path.Combine(TestData, "official-server.json")));
        return
        [
            .. from exchange in document.GetProperty("requests").EnumerateArray()
               select new OfficialExchange(
                   exchange.GetProperty("method").GetString()!,
                   exchange.GetProperty("path").GetString()!,
                   exchange.TryGetProperty("body", out var body) ? body.GetRawText() : null,
                   exchange.GetProperty("status").GetInt32(),
                   exchange.GetProperty("answer")),
        ];
    }
}

/// <summary>One request and the answer of MLflow's server; the answer may hold the matchers of the recordings.</summary>
internal sealed record OfficialExchange(string Method, string Path, string? Body, int Status, JsonElement Answer);
