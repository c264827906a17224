using Microsoft.Data.Sqlite;
using ModelRegistry.Server.Data;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>Statements as stores run them on SQLite, where commands are used again.</summary>
public sealed class SqlScopeTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");
    private readonly SqliteDataSource source;
    private readonly Database database;

    public SqlScopeTests()
    {
        source = new SqliteDataSource(Path.Combine(folder.FullName, "test.db"), 1, "PRAGMA foreign_keys = ON;");
        database = new Database(source, source, Sqlite.Dialect);
    }

    public void Dispose()
    {
        database.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public Task Values_are_found_by_name_in_whatever_order_they_stand() => RunAsync(async scope =>
    {
        var row = await scope.FindAsync<Row>("SELECT @name || @other AS name, @id AS id", new { id = 7L, other = "b", unused = 1, name = "a" });

        Assert.Equal(new Row { Id = 7, Name = "ab" }, row);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(1500)]
    public Task A_list_stands_for_its_members_wherever_its_name_stands(int count) => RunAsync(async scope =>
    {
        var ids = Enumerable.Range(1, count).Select(i => (long)i);

        var found = await scope.QueryAsync<long>(
            """
            WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 2000)
            SELECT id FROM n WHERE id IN @ids AND (id IN @ids OR id = @ids_of) ORDER BY id
            """,
            new { ids, ids_of = -1L });

        Assert.Equal(ids, found);
    });

    [Fact]
    public Task One_text_can_be_asked_with_values_of_different_types() => RunAsync(async scope =>
    {
        const string sql = "SELECT @id AS id, @name AS name";
        var named = new SqlParameters();
        named.Add("name", "c");
        named.Add("@id", 3L);

        Assert.Equal("a", (await scope.FindAsync<Row>(sql, new { id = 1L, name = "a" }))!.Name);
        Assert.Equal("b", (await scope.FindAsync<Row>(sql, new { name = "b", id = 2L }))!.Name);
        Assert.Equal(new Row { Id = 3, Name = "c" }, await scope.FindAsync<Row>(sql, named));
        Assert.Equal("1", await scope.FindAsync<string>(sql, new { id = 1L, name = "a" }));
    });

    [Fact]
    public Task A_missing_value_is_an_error_and_the_statement_is_usable_afterwards() => RunAsync(async scope =>
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => scope.FindAsync<long>("SELECT @a + @b", new { a = 1L }));
        await Assert.ThrowsAsync<InvalidOperationException>(() => scope.FindAsync<long>("SELECT @a + @b"));

        Assert.Equal(3, await scope.FindAsync<long>("SELECT @a + @b", new { a = 1L, b = 2L }));
    });

    [Fact]
    public Task Rows_are_counted_and_several_statements_in_one_text_all_run() => RunAsync(async scope =>
    {
        await scope.ExecuteAsync("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);");

        Assert.Equal(2, await scope.ExecuteAsync("UPDATE t SET id = id + 10"));
        Assert.Equal(2, await scope.ExecuteEachAsync("INSERT INTO t VALUES (@p0)", [[1L], [2L]]));
        await Assert.ThrowsAsync<SqliteException>(() => scope.ExecuteEachAsync("INSERT INTO t VALUES (@p0)", [[3L], [1L]]));
        Assert.Equal([1, 2, 3, 11, 12], await scope.QueryAsync<long>("SELECT id FROM t ORDER BY id"));
    });

    [Fact]
    public Task A_change_is_done_before_what_is_asked_after_it() => RunAsync(async scope =>
    {
        await scope.ExecuteAsync("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        await using var results = scope.ExecuteThenQueryBatch("INSERT INTO t VALUES (@a)", new { a = 7L, b = 8L }, "SELECT id FROM t", "SELECT @b");

        Assert.Equal([7], await results.ReadAsync<long>());
        Assert.Equal([8], await results.ReadAsync<long>());
    });

    [Fact]
    public async Task A_caller_who_is_gone_starts_no_statement()
    {
        using var gone = new CancellationTokenSource();

        await Assert.ThrowsAsync<OperationCanceledException>(() => database.ReadAsync(
            async scope =>
            {
                await gone.CancelAsync();
                return await scope.FindAsync<long>("SELECT 1");
            },
            gone.Token));
    }

    private Task<bool> RunAsync(Func<SqlScope, Task> work) => database.ReadAsync(
        async scope =>
        {
            await work(scope);
            return true;
        },
        CancellationToken.None);

    private sealed record Row
    {
        public long Id { get; init; }

        public string? Name { get; init; }
    }
}
