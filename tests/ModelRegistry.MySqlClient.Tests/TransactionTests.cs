using System.Data;
using System.Data.Common;
using Dapper;
using ModelRegistry.Tests;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

public sealed class TransactionTests(MariaDbFixture fixture) : MariaDbTests(fixture)
{
    [MariaDbFact]
    public async Task A_commit_keeps_and_a_rollback_or_a_disposal_forgets()
    {
        await CreateAsync("kept");
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await ExecuteAsync(connection, "INSERT INTO kept VALUES (1, 0)");
            await transaction.CommitAsync(Token);
            await Assert.ThrowsAsync<InvalidOperationException>(() => transaction.CommitAsync(Token));
        }

        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await ExecuteAsync(connection, "INSERT INTO kept VALUES (2, 0)");
            await transaction.RollbackAsync(Token);
        }

        await using (await connection.BeginTransactionAsync(Token))
            await ExecuteAsync(connection, "INSERT INTO kept VALUES (3, 0)");
        Assert.Equal(1L, await ScalarAsync("SELECT COUNT(*) FROM kept"));
    }

    [MariaDbFact]
    public async Task A_transaction_that_the_server_has_ended_cannot_be_committed()
    {
        await CreateAsync("ended");
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await ExecuteAsync(connection, "INSERT INTO ended VALUES (1, 0)");
        await ExecuteAsync(connection, "ROLLBACK");

        var refusal = await Assert.ThrowsAnyAsync<DbException>(() => transaction.CommitAsync(Token));

        Assert.True(refusal.IsTransient);
        await using var next = await connection.BeginTransactionAsync(Token);
        await next.CommitAsync(Token);
        Assert.Equal(0L, await ScalarAsync("SELECT COUNT(*) FROM ended"));
    }

    [MariaDbFact]
    public async Task Transactions_of_one_connection_that_repeat_a_prepared_statement_are_apart()
    {
        await CreateAsync("repeated");
        await using var source = CreateSource("Maximum Pool Size=1;Connection Reset=false");
        for (var id = 1; id <= 4; id++)
        {
            await using var connection = await source.OpenConnectionAsync(Token);
            await using var transaction = await connection.BeginTransactionAsync(Token);
            await connection.ExecuteAsync("INSERT INTO repeated VALUES (@id, @id)", new { id });
            Assert.Equal(1L, await connection.ExecuteScalarAsync<long>("SELECT @@in_transaction"));
            if (id % 2 == 0)
                await transaction.CommitAsync(Token);
            else
                await transaction.RollbackAsync(Token);
        }

        Assert.Equal(2L, await ScalarAsync("SELECT COUNT(*) FROM repeated"));
        Assert.Equal(6L, Convert.ToInt64(await ScalarAsync("SELECT SUM(id) FROM repeated"), null));
    }

    [MariaDbFact]
    public async Task A_value_that_cannot_be_sent_spoils_neither_the_transaction_nor_the_next_statement()
    {
        await CreateAsync("unspoilt");
        await using var connection = await Source.OpenConnectionAsync(Token);
        await connection.ExecuteAsync("INSERT INTO unspoilt VALUES (@id, @value)", new { id = 1, value = 1 });
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO unspoilt VALUES (@id, @value)";
            command.Parameters.Add(new MySqlParameter { ParameterName = "id", Value = 2 });
            command.Parameters.Add(new MySqlParameter { ParameterName = "value", Value = new object() });
            await Assert.ThrowsAsync<NotSupportedException>(() => command.ExecuteNonQueryAsync(Token));
            await connection.ExecuteAsync("INSERT INTO unspoilt VALUES (@id, @value)", new { id = 3, value = 3 });
            await transaction.RollbackAsync(Token);
        }

        Assert.Equal(1L, await ScalarAsync("SELECT COUNT(*) FROM unspoilt"));
    }

    [MariaDbFact]
    public async Task A_transaction_left_open_is_rolled_back_when_its_connection_returns()
    {
        await CreateAsync("open_end");
        await using var source = CreateSource("Maximum Pool Size=1;Connection Reset=false");
        await using (var connection = await source.OpenConnectionAsync(Token))
        {
            await connection.BeginTransactionAsync(Token);
            await ExecuteAsync(connection, "INSERT INTO open_end VALUES (1, 0)");
        }

        await using var other = await source.OpenConnectionAsync(Token);
        Assert.Equal(0L, await ScalarAsync(other, "SELECT COUNT(*) FROM open_end"));
        Assert.Equal(0L, Convert.ToInt64(await ScalarAsync(other, "SELECT @@in_transaction"), null));
    }

    [MariaDbTheory]
    [InlineData(IsolationLevel.ReadUncommitted, 2, 2)]
    [InlineData(IsolationLevel.ReadCommitted, 1, 2)]
    [InlineData(IsolationLevel.RepeatableRead, 1, 1)]
    [InlineData(IsolationLevel.Snapshot, 1, 1)]
    public async Task Each_isolation_level_sees_what_it_should(IsolationLevel level, int uncommitted, int committed)
    {
        var table = $"seen_by_{level}";
        await CreateAsync(table);
        await ExecuteAsync($"INSERT INTO {table} VALUES (1, 1)");
        await using var reader = await Source.OpenConnectionAsync(Token);
        await using var writer = await Source.OpenConnectionAsync(Token);
        await using var reading = await reader.BeginTransactionAsync(level, Token);
        Assert.Equal(1, await ScalarAsync(reader, $"SELECT v FROM {table}"));
        await using var writing = await writer.BeginTransactionAsync(Token);
        await ExecuteAsync(writer, $"UPDATE {table} SET v = 2");
        Assert.Equal(uncommitted, await ScalarAsync(reader, $"SELECT v FROM {table}"));
        await writing.CommitAsync(Token);
        Assert.Equal(committed, await ScalarAsync(reader, $"SELECT v FROM {table}"));
    }

    [MariaDbFact]
    public async Task The_isolation_level_of_one_transaction_is_not_that_of_the_next()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using (await connection.BeginTransactionAsync(IsolationLevel.Serializable, Token))
            await ScalarAsync(connection, "SELECT 1");
        Assert.Equal("REPEATABLE-READ", await ScalarAsync(connection, "SELECT @@tx_isolation"));
    }

    [MariaDbFact]
    public async Task One_of_two_that_wait_for_each_other_gets_a_deadlock_error()
    {
        await CreateAsync("deadlock");
        await ExecuteAsync("INSERT INTO deadlock VALUES (1, 0), (2, 0)");
        await using var first = await Source.OpenConnectionAsync(Token);
        await using var second = await Source.OpenConnectionAsync(Token);
        await using var left = await first.BeginTransactionAsync(Token);
        await using var right = await second.BeginTransactionAsync(Token);
        await ExecuteAsync(first, "UPDATE deadlock SET v = 1 WHERE id = 1");
        await ExecuteAsync(second, "UPDATE deadlock SET v = 2 WHERE id = 2");
        var crossing = new[] { ExecuteAsync(first, "UPDATE deadlock SET v = 1 WHERE id = 2"), ExecuteAsync(second, "UPDATE deadlock SET v = 2 WHERE id = 1") };
        var error = await Assert.ThrowsAnyAsync<DbException>(() => Task.WhenAll(crossing));
        Assert.Equal(1213, Driver.NumberOf(error));
        Assert.Equal("40001", error.SqlState);
        Assert.True(error.IsTransient);
        Assert.Equal(1, crossing.Count(task => task.IsCompletedSuccessfully));
    }

    [MariaDbFact]
    public async Task Waiting_too_long_for_a_lock_is_a_lock_wait_error()
    {
        await CreateAsync("lock_wait");
        await ExecuteAsync("INSERT INTO lock_wait VALUES (1, 0)");
        await using var holder = await Source.OpenConnectionAsync(Token);
        await using var holding = await holder.BeginTransactionAsync(Token);
        await ExecuteAsync(holder, "UPDATE lock_wait SET v = 1");
        await using var waiter = await Source.OpenConnectionAsync(Token);
        await ExecuteAsync(waiter, "SET innodb_lock_wait_timeout = 1");
        var error = await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync(waiter, "UPDATE lock_wait SET v = 2"));
        Assert.Equal(1205, Driver.NumberOf(error));
        Assert.True(error.IsTransient);
    }

    [MariaDbFact]
    public async Task Broken_rules_have_the_servers_numbers_and_states()
    {
        await ExecuteAsync("CREATE OR REPLACE TABLE parent (id INT PRIMARY KEY); CREATE OR REPLACE TABLE child (id INT REFERENCES parent (id), v VARCHAR(3) NOT NULL)");
        await ExecuteAsync("INSERT INTO parent VALUES (@id)", ("id", 1));
        var duplicate = await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync("INSERT INTO parent VALUES (@id)", ("id", 1)));
        Assert.Equal((1062, "23000", false), (Driver.NumberOf(duplicate), duplicate.SqlState!, duplicate.IsTransient));
        Assert.Equal(1452, await ErrorOfAsync(() => ExecuteAsync("INSERT INTO child VALUES (@id, 'a')", ("id", 2))));
        Assert.Equal(1048, await ErrorOfAsync(() => ExecuteAsync("INSERT INTO child VALUES (1, @v)", ("v", null))));
        Assert.Equal(1406, await ErrorOfAsync(() => ExecuteAsync("INSERT INTO child VALUES (1, @v)", ("v", "abcd"))));
        Assert.Equal(1064, await ErrorOfAsync(() => ExecuteAsync("SELEC @v", ("v", 1))));
        Assert.Equal(1146, await ErrorOfAsync(() => ExecuteAsync("SELECT * FROM nowhere")));
    }

    [MariaDbFact]
    public async Task An_error_behind_the_first_rows_reaches_the_reader()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var command = Command(connection, "SELECT seq, IF(seq = 5000, (SELECT 1 UNION SELECT seq), 0) FROM seq_1_to_10000");
        Assert.Equal(1242, await ErrorOfAsync(async () =>
        {
            await using var reader = await command.ExecuteReaderAsync(Token);
            while (await reader.ReadAsync(Token))
            {
            }
        }));
        Assert.Equal(1, await ScalarAsync(connection, "SELECT 1"));
    }

    private Task<int> CreateAsync(string table) => ExecuteAsync($"CREATE OR REPLACE TABLE {table} (id INT PRIMARY KEY, v INT) ENGINE = InnoDB");
}
