using Dapper;
using ModelRegistry.Tests;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

public sealed class DapperTests(MariaDbFixture fixture) : MariaDbTests(fixture)
{
    [MariaDbFact]
    public async Task Records_are_written_and_read()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await connection.ExecuteAsync("CREATE TEMPORARY TABLE metrics (run_uuid VARCHAR(32), value DOUBLE, step BIGINT, is_nan TINYINT(1), note TEXT NULL)");
        Metric[] rows = [new("a", 0.1, 1, false, null), new("b", double.MinValue, -5, true, "🦉"), new("c", 3, long.MaxValue, false, "")];
        Assert.Equal(3, await connection.ExecuteAsync("INSERT INTO metrics VALUES (@RunUuid, @Value, @Step, @IsNan, @Note)", rows));
        var read = await connection.QueryAsync<Metric>("SELECT run_uuid AS RunUuid, value AS Value, step AS Step, is_nan AS IsNan, note AS Note FROM metrics ORDER BY run_uuid");
        Assert.Equal(rows, read);
        Assert.Equal(rows[1], await connection.QuerySingleOrDefaultAsync<Metric>(
            "SELECT run_uuid AS RunUuid, value AS Value, step AS Step, is_nan AS IsNan, note AS Note FROM metrics WHERE is_nan = @yes", new { yes = true }));
    }

    [MariaDbFact]
    public async Task In_lists_grow_and_may_be_empty()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        foreach (var count in new[] { 0, 1, 2, 500 })
        {
            var ids = Enumerable.Range(1, count).Select(id => (long)id * 2).ToArray();
            var found = await connection.QueryAsync<long>("SELECT seq FROM seq_1_to_2000 WHERE seq IN @ids", new { ids });
            Assert.Equal(ids, found.Order());
        }
    }

    [MariaDbFact]
    public async Task Scalars_convert()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        Assert.Equal(3, await connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM seq_1_to_3"));
        Assert.Equal(3L, await connection.QuerySingleAsync<long>("SELECT CAST(@v AS SIGNED)", new { v = 3 }));
        Assert.Null(await connection.ExecuteScalarAsync<long?>("SELECT MAX(seq) FROM seq_1_to_3 WHERE seq > @v", new { v = 9 }));
        Assert.Equal("x", await connection.QueryFirstOrDefaultAsync<string>("SELECT @v", new { v = "x" }));
        Assert.Equal(6m, await connection.ExecuteScalarAsync<decimal>("SELECT SUM(seq) FROM seq_1_to_3"));
    }

    [MariaDbFact]
    public async Task Several_results_and_unbuffered_rows_are_read()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using (var grid = await connection.QueryMultipleAsync("SELECT 1; SELECT seq FROM seq_1_to_3"))
        {
            Assert.Equal(1, await grid.ReadSingleAsync<int>());
            Assert.Equal([1L, 2, 3], await grid.ReadAsync<long>());
        }

        long sum = 0;
        await foreach (var row in connection.QueryUnbufferedAsync<long>("SELECT seq FROM seq_1_to_5000 WHERE seq <> @v", new { v = 1 }))
            sum += row;
        Assert.Equal((5000L * 5001 / 2) - 1, sum);
    }

    [MariaDbFact]
    public async Task Transactions_and_tokens_pass_through()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        Assert.Equal(1, await connection.ExecuteScalarAsync<int>(new CommandDefinition("SELECT @v", new { v = 1 }, transaction, cancellationToken: Token)));
        using var cancel = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            connection.ExecuteScalarAsync<int>(new CommandDefinition("SELECT SLEEP(26)", null, transaction, cancellationToken: cancel.Token)));
    }

    private sealed record Metric(string RunUuid, double Value, long Step, bool IsNan, string? Note);
}
