using System.Data.Common;
using System.Globalization;
using ModelRegistry.Tests;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

public sealed class StatementTests(MariaDbFixture fixture) : MariaDbTests(fixture)
{
    [MariaDbFact]
    public async Task Values_never_become_part_of_the_sql()
    {
        const string Nasty = "'; DROP TABLE x; -- \\' \" ` @p ? \0";
        Assert.Equal(Nasty, await ScalarAsync("SELECT CONCAT(@v)", ("v", Nasty)));
    }

    [MariaDbFact]
    public async Task A_name_can_be_used_twice_and_in_any_order_and_case()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var command = Command(connection, "SELECT @b, @A, @b", ("a", 1), ("@b", 2), ("unused", 3));
        await using var reader = await command.ExecuteReaderAsync(Token);
        Assert.True(await reader.ReadAsync(Token));
        Assert.Equal((2, 1, 2), (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2)));
    }

    [MariaDbFact]
    public async Task User_variables_live_beside_parameters()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await ExecuteAsync(connection, "SET @mine = 5");
        Assert.Equal(12L, Convert.ToInt64(await ScalarAsync(connection, "SELECT @mine + @v", ("v", 7)), CultureInfo.InvariantCulture));
    }

    [MariaDbFact]
    public async Task A_session_keeps_a_bounded_number_of_prepared_statements()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        var before = await PreparedOnServerAsync(connection);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 300; i++)
                Assert.Equal(i, await ScalarAsync(connection, $"SELECT @v AS c{i}", ("v", i)));
            Assert.InRange(await PreparedOnServerAsync(connection) - before, 1, 128);
        }
    }

    [MariaDbFact]
    public async Task A_statement_is_prepared_once()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        var before = await StatusAsync(connection, "Com_stmt_prepare");
        for (var i = 0; i < 10; i++)
            await ScalarAsync(connection, "SELECT @v AS once", ("v", i));
        Assert.Equal(before + 1, await StatusAsync(connection, "Com_stmt_prepare"));
    }

    [MariaDbFact]
    public async Task A_full_server_makes_a_session_give_up_its_kept_statements()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        for (var i = 0; i < 5; i++)
            await ScalarAsync(connection, $"SELECT @v AS full{i}", ("v", i));
        var count = await PreparedOnServerAsync(connection);
        await ExecuteAsync(connection, $"SET GLOBAL max_prepared_stmt_count = {count}");
        try
        {
            Assert.Equal(7, await ScalarAsync(connection, "SELECT @v AS one_more", ("v", 7)));
            Assert.Equal(0, await ScalarAsync(connection, "SELECT @v AS full0", ("v", 0)));
        }
        finally
        {
            await ExecuteAsync(connection, "SET GLOBAL max_prepared_stmt_count = DEFAULT");
        }
    }

    [MariaDbFact]
    public async Task A_kept_statement_follows_a_changed_table()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await ExecuteAsync(connection, "CREATE TEMPORARY TABLE changing (a INT); INSERT INTO changing VALUES (1)");
        Assert.Equal(1, await ScalarAsync(connection, "SELECT * FROM changing WHERE 1 = @one", ("one", 1)));
        await ExecuteAsync(connection, "ALTER TABLE changing MODIFY a VARCHAR(10), ADD b INT FIRST; UPDATE changing SET b = 9");
        await using var command = Command(connection, "SELECT * FROM changing WHERE 1 = @one", ("one", 1));
        await using var reader = await command.ExecuteReaderAsync(Token);
        Assert.True(await reader.ReadAsync(Token));
        Assert.Equal((9, "1"), (reader.GetInt32(0), reader.GetString(1)));
    }

    [MariaDbFact]
    public async Task The_type_of_a_parameter_may_change_from_one_execution_to_the_next()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        object?[] values = [1, "x", null, 1.5, 2L, Array.Empty<byte>(), null, "y"];
        foreach (var value in values)
            Assert.Equal(value ?? DBNull.Value, await ScalarAsync(connection, "SELECT @v", ("v", value)));
    }

    [MariaDbFact]
    public async Task Several_statements_with_parameters_are_refused_by_the_server()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        Assert.Equal(1064, await ErrorOfAsync(() => ExecuteAsync(connection, "SET @x = @v; SET @y = @v", ("v", 1))));
        Assert.Equal(1, await ScalarAsync(connection, "SELECT @v", ("v", 1)));
    }

    [MariaDbFact]
    public async Task Synchronous_calls_do_the_same()
    {
        await Task.Yield();
        using var connection = Source.OpenConnection();
        using var transaction = connection.BeginTransaction();
        using var command = Command(connection, "SELECT seq FROM seq_1_to_3 WHERE seq > @v", ("v", 1));
        using (var reader = command.ExecuteReader())
        {
            Assert.True(reader.Read());
            Assert.Equal(2L, reader.GetInt64(0));
            Assert.False(reader.NextResult());
        }

        Assert.Equal(2L, Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture));
        transaction.Commit();
        connection.Close();
        Assert.Equal(System.Data.ConnectionState.Closed, connection.State);
    }

    private Task<long> PreparedOnServerAsync(DbConnection connection) => StatusAsync(connection, "Prepared_stmt_count");

    private async Task<long> StatusAsync(DbConnection connection, string name) =>
        Convert.ToInt64(await ScalarAsync(connection, $"SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = '{name}'"), CultureInfo.InvariantCulture);
}
