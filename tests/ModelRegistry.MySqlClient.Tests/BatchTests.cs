using System.Data.Common;
using ModelRegistry.Tests;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

public sealed class BatchTests(MariaDbFixture fixture) : MariaDbTests(fixture)
{
    [MariaDbFact]
    public async Task Results_come_in_the_order_of_the_statements()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        Assert.True(connection.CanCreateBatch);
        for (var turn = 0; turn < 3; turn++)
        {
            await using var batch = Batch(connection, ("SELECT seq FROM seq_1_to_5 WHERE seq > @v", turn), ("SELECT @v, 'two'", "x"), ("SELECT seq FROM seq_1_to_3 WHERE seq > 10", null));
            await using var reader = await batch.ExecuteReaderAsync(Token);

            Assert.Equal(5 - turn, await CountAsync(reader));
            Assert.True(await reader.NextResultAsync(Token));
            Assert.True(await reader.ReadAsync(Token));
            Assert.Equal(("x", "two"), (reader.GetString(0), reader.GetString(1)));
            Assert.True(await reader.NextResultAsync(Token));
            Assert.Equal(0, await CountAsync(reader));
            Assert.False(await reader.NextResultAsync(Token));
        }
    }

    [MariaDbFact]
    public async Task A_reader_that_is_left_early_leaves_the_connection_usable()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using (var batch = Batch(connection, ("SELECT seq FROM seq_1_to_500 WHERE seq > @v", 1), ("SELECT seq FROM seq_1_to_500 WHERE seq > @v", 2)))
        await using (var reader = await batch.ExecuteReaderAsync(Token))
            Assert.True(await reader.ReadAsync(Token));

        Assert.Equal(7, await ScalarAsync(connection, "SELECT @v", ("v", 7)));
    }

    [MariaDbFact]
    public async Task In_a_transaction_its_beginning_goes_along()
    {
        await ExecuteAsync("CREATE OR REPLACE TABLE batched (id INT PRIMARY KEY) ENGINE = InnoDB");
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await using var batch = Batch(connection, ("INSERT INTO batched VALUES (@v)", 1), ("INSERT INTO batched VALUES (@v)", 2));
            batch.Transaction = transaction;
            Assert.Equal(2, await batch.ExecuteNonQueryAsync(Token));
            await transaction.RollbackAsync(Token);
        }

        Assert.Equal(0L, await ScalarAsync("SELECT COUNT(*) FROM batched"));
    }

    [MariaDbTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_failure_is_told_and_costs_at_most_the_connection(int failing)
    {
        await using var source = CreateSource("Maximum Pool Size=1");
        await using (var connection = await source.OpenConnectionAsync(Token))
        {
            var statements = Enumerable.Range(0, 3).Select(i => (i == failing ? "SELECT (SELECT seq FROM seq_1_to_2 WHERE seq > @v)" : "SELECT @v", (object?)0)).ToArray();
            await using var batch = Batch(connection, statements);
            Assert.Equal(1242, (await Assert.ThrowsAsync<MySqlException>(() => batch.ExecuteNonQueryAsync(Token))).Number);
        }

        await using var next = await source.OpenConnectionAsync(Token);
        Assert.Equal(7, await ScalarAsync(next, "SELECT @v", ("v", 7)));
    }

    [MariaDbFact]
    public async Task Without_statements_there_is_nothing_to_run()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var batch = connection.CreateBatch();
        await Assert.ThrowsAsync<InvalidOperationException>(() => batch.ExecuteReaderAsync(Token));
    }

    private static DbBatch Batch(DbConnection connection, params (string Sql, object? Value)[] statements)
    {
        var batch = connection.CreateBatch();
        foreach (var (sql, value) in statements)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = sql;
            if (sql.Contains("@v", StringComparison.Ordinal))
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = "v";
                parameter.Value = value;
                command.Parameters.Add(parameter);
            }

            batch.BatchCommands.Add(command);
        }

        return batch;
    }

    private async Task<int> CountAsync(DbDataReader reader)
    {
        var count = 0;
        while (await reader.ReadAsync(Token))
            count++;
        return count;
    }
}
