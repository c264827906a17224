using System.Diagnostics;
using Microsoft.Data.Sqlite;
using ModelRegistry.Server.Data;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>Commands that stay prepared with their connection, of which there is one here.</summary>
public sealed class SqliteConnectionTests : IDisposable
{
    // Minutes of work, and no row before its end.
    private const string Long = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT COUNT(*) FROM n";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");
    private readonly Database database;

    public SqliteConnectionTests()
    {
        var source = new SqliteDataSource(Path.Combine(folder.FullName, "test.db"), 1, "PRAGMA foreign_keys = ON;");
        database = new Database(source, source, Sqlite.Dialect);
    }

    public void Dispose()
    {
        database.Dispose();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("")]
    [InlineData("naïve 模型 🙂")]
    [InlineData("a\0b")]
    [InlineData(long.MinValue)]
    [InlineData(0.1)]
    [InlineData(null)]
    public Task A_value_comes_back_as_it_was_given(object? value) => RunAsync(async scope =>
    {
        for (var round = 0; round < 2; round++)
            Assert.Equal(value, await ValueAsync(scope, "SELECT @value", new { value }));
    });

    [Fact]
    public Task Long_texts_and_bytes_come_back_whole() => RunAsync(async scope =>
    {
        var text = new string('é', 100_000);

        Assert.Equal(text, await scope.FindAsync<string>("SELECT @text", new { text }));
        Assert.Equal(new byte[] { 0, 1, 255 }, await ValueAsync(scope, "SELECT @bytes", new { bytes = new byte[] { 0, 1, 255 } }));
    });

    [Fact]
    public Task A_statement_that_failed_works_again_and_may_run_inside_itself() => RunAsync(async scope =>
    {
        await scope.ExecuteAsync("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        const string insert = "INSERT INTO t (id) VALUES (@id)";
        await scope.ExecuteAsync(insert, new { id = 1 });
        await Assert.ThrowsAsync<SqliteException>(() => scope.ExecuteAsync(insert, new { id = 1 }));
        await scope.ExecuteAsync(insert, new { id = 2 });

        const string select = "SELECT id FROM t ORDER BY id";
        var outer = await scope.ReadAsync(select, null, async (reader, token) =>
        {
            Assert.True(await reader.ReadAsync(token));
            Assert.Equal([1, 2], await scope.QueryAsync<long>(select));
            Assert.True(await reader.ReadAsync(token));
            var last = reader.GetInt64(0);
            Assert.False(await reader.ReadAsync(token));
            return last;
        });
        Assert.Equal(2, outer);
    });

    [Fact]
    public Task A_read_that_was_left_half_way_holds_no_lock() => RunAsync(async scope =>
    {
        await scope.ExecuteAsync("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2);");
        Assert.Equal(1, await scope.FindAsync<long>("SELECT id FROM t"));

        // Fails as long as any statement reads.
        await scope.ExecuteAsync("DROP TABLE t");
    });

    [Fact]
    public Task A_write_that_answers_rows_is_done_whole_even_if_one_row_is_read() => RunAsync(async scope =>
    {
        await scope.ExecuteAsync("CREATE TABLE t (id INTEGER PRIMARY KEY)");

        Assert.Equal(1, await scope.FindAsync<long>("INSERT INTO t VALUES (1), (2), (3) RETURNING id"));
        Assert.Equal(3, await scope.FindAsync<long>("SELECT COUNT(*) FROM t"));
    });

    [Fact]
    public Task More_statements_than_are_kept_all_work() => RunAsync(async scope =>
    {
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 700; i++)
                Assert.Equal(i, await scope.FindAsync<long>($"SELECT {i}"));
        }
    });

    [Fact]
    public async Task A_statement_whose_caller_has_left_ends_and_the_next_one_is_not_touched()
    {
        using var gone = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        var left = Task.Run(() => database.ReadAsync(scope => scope.FindAsync<long>(Long), gone.Token));
        gone.CancelAfter(100);

        Assert.Equal(gone.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left)).CancellationToken);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));

        // On the same connection: there is one.
        Assert.Equal(200_000, await database.ReadAsync(scope => scope.FindAsync<long>(Long.Replace("1000000000", "200000", StringComparison.Ordinal)), default));
    }

    [Fact]
    public async Task A_statement_between_whose_rows_its_caller_leaves_ends_too()
    {
        using var gone = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.ReadAsync(
            scope => scope.ReadAsync($"SELECT 1 UNION ALL SELECT * FROM ({Long})", null, async (reader, _) =>
            {
                Assert.True(await reader.ReadAsync(CancellationToken.None));
                await gone.CancelAsync();
                return await reader.ReadAsync(CancellationToken.None);
            }),
            gone.Token));

        Assert.Equal(1, await database.ReadAsync(scope => scope.FindAsync<long>("SELECT 1"), default));
    }

    [Fact]
    public async Task What_a_transaction_reads_and_writes_is_not_interrupted()
    {
        using var gone = new CancellationTokenSource();
        await database.WriteAsync(scope => scope.ExecuteAsync("CREATE TABLE t (id INTEGER PRIMARY KEY)"), default);
        var rows = await database.WriteAsync(
            scope => scope.ReadAsync(
                """
                INSERT INTO t
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n
                RETURNING id
                """,
                null,
                async (reader, _) =>
                {
                    await gone.CancelAsync();
                    var count = 0;
                    while (await reader.ReadAsync(CancellationToken.None))
                        count++;
                    return count;
                }),
            gone.Token);

        Assert.Equal(100_000, rows);
        Assert.Equal(100_000, await database.ReadAsync(scope => scope.FindAsync<long>("SELECT COUNT(*) FROM t"), default));
    }

    private static Task<object?> ValueAsync(SqlScope scope, string sql, object values) => scope.ReadAsync(sql, values, async (reader, token) =>
    {
        Assert.True(await reader.ReadAsync(token));
        return reader.GetValue(0) is DBNull ? null : reader.GetValue(0);
    });

    private Task<bool> RunAsync(Func<SqlScope, Task> work) => database.ReadAsync(
        async scope =>
        {
            await work(scope);
            return true;
        },
        CancellationToken.None);
}
