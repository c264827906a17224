using Dapper;
using Microsoft.Data.Sqlite;
using ModelRegistry.Server.Data;
using Xunit;

namespace ModelRegistry.Tests.Data;

public sealed class SqliteSessionTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");
    private readonly SqliteDataSource source;

    public SqliteSessionTests() => source = new SqliteDataSource(Path.Combine(folder.FullName, "test.db"), 1, "PRAGMA foreign_keys = ON;");

    public void Dispose()
    {
        source.Dispose();
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
    public async Task A_value_comes_back_as_it_was_given(object? value)
    {
        await using var connection = await source.OpenConnectionAsync();

        Assert.Equal(value, await connection.ExecuteScalarAsync<object>("SELECT @value", new { value }));
    }

    [Fact]
    public async Task Long_texts_and_bytes_come_back_whole()
    {
        await using var connection = await source.OpenConnectionAsync();
        var text = new string('é', 100_000);

        Assert.Equal(text, await connection.ExecuteScalarAsync<string>("SELECT @text", new { text }));
        Assert.Equal([0, 1, 255], await connection.ExecuteScalarAsync<byte[]>("SELECT @bytes", new { bytes = new byte[] { 0, 1, 255 } }));
    }

    [Fact]
    public async Task A_statement_that_failed_works_again_and_may_run_inside_itself()
    {
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        const string insert = "INSERT INTO t (id) VALUES (@id)";
        await connection.ExecuteAsync(insert, new { id = 1 });
        await Assert.ThrowsAsync<SqliteException>(() => connection.ExecuteAsync(insert, new { id = 1 }));
        await connection.ExecuteAsync(insert, new { id = 2 });

        const string select = "SELECT id FROM t ORDER BY id";
        await using var outer = await connection.ExecuteReaderAsync(select);
        Assert.True(await outer.ReadAsync());
        Assert.Equal([1, 2], await connection.QueryAsync<long>(select));
        Assert.True(await outer.ReadAsync());
        Assert.Equal(2, outer.GetInt64(0));
        Assert.False(await outer.ReadAsync());
    }

    [Fact]
    public async Task A_read_that_was_left_half_way_holds_no_lock()
    {
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2);");
        Assert.Equal(1, await connection.QueryFirstAsync<long>("SELECT id FROM t"));

        // Fails as long as any statement reads.
        await connection.ExecuteAsync("DROP TABLE t");
    }

    [Fact]
    public async Task A_write_that_answers_rows_is_done_whole_even_if_one_row_is_read()
    {
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync("CREATE TABLE t (id INTEGER PRIMARY KEY)");

        Assert.Equal(1, await connection.QueryFirstAsync<long>("INSERT INTO t VALUES (1), (2), (3) RETURNING id"));
        Assert.Equal(3, await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM t"));
    }

    [Fact]
    public async Task A_missing_parameter_is_an_error_and_not_null()
    {
        await using var connection = await source.OpenConnectionAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.ExecuteScalarAsync<object>("SELECT @a, @b", new { a = 1 }));
    }

    [Fact]
    public async Task More_statements_than_are_kept_all_work()
    {
        await using var connection = await source.OpenConnectionAsync();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 700; i++)
                Assert.Equal(i, await connection.ExecuteScalarAsync<long>($"SELECT {i}"));
        }
    }
}
