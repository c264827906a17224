using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using ModelRegistry.Tests;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

public sealed class ResultTests(MariaDbFixture fixture) : MariaDbTests(fixture)
{
    private const int LargeSize = 20 * 1024 * 1024;

    [MariaDbFact]
    public async Task A_blob_larger_than_one_packet_goes_both_ways()
    {
        var blob = RandomNumberGenerator.GetBytes(LargeSize);
        await using var connection = await Source.OpenConnectionAsync(Token);
        await ExecuteAsync(connection, "CREATE TEMPORARY TABLE blobs (v LONGBLOB)");
        Assert.Equal(1, await ExecuteAsync(connection, "INSERT INTO blobs VALUES (@v)", ("v", blob)));
        Assert.Equal(blob, (byte[])(await ScalarAsync(connection, "SELECT v FROM blobs"))!);
        Assert.Equal(blob, (byte[])(await ScalarAsync(connection, "SELECT v FROM blobs WHERE 1 = @one", ("one", 1)))!);
    }

    [MariaDbTheory]
    [InlineData(0xFFFFFF - 1)]
    [InlineData(0xFFFFFF)]
    [InlineData(0xFFFFFF + 1)]
    [InlineData(2 * 0xFFFFFF)]
    public async Task A_command_at_the_edge_of_a_packet_arrives_whole(int length)
    {
        const string Head = "SELECT LENGTH('";
        const string Tail = "')";
        var filler = length - 1 - Head.Length - Tail.Length;
        await using var connection = await Source.OpenConnectionAsync(Token);
        Assert.Equal(filler, Convert.ToInt32(await ScalarAsync(connection, Head + new string('x', filler) + Tail), null));
        Assert.Equal(1, await ScalarAsync(connection, "SELECT 1"));
    }

    [MariaDbFact]
    public async Task A_long_text_keeps_its_character_set()
    {
        var text = string.Concat(Enumerable.Repeat("é🦉x", 1_000_000));
        await using var connection = await Source.OpenConnectionAsync(Token);
        await ExecuteAsync(connection, "CREATE TEMPORARY TABLE texts (v LONGTEXT CHARACTER SET utf8mb4)");
        await ExecuteAsync(connection, "INSERT INTO texts VALUES (@v)", ("v", text));
        Assert.Equal(3_000_000, Convert.ToInt64(await ScalarAsync(connection, "SELECT CHAR_LENGTH(v) FROM texts"), null));
        Assert.True(text == (string)(await ScalarAsync(connection, "SELECT v FROM texts"))!);
    }

    [MariaDbFact]
    public async Task A_value_beyond_the_servers_limit_is_a_clean_error()
    {
        await using (var connection = await Source.OpenConnectionAsync(Token))
            await Assert.ThrowsAnyAsync<DbException>(() => ScalarAsync(connection, "SELECT LENGTH(@v)", ("v", new byte[65 * 1024 * 1024])));
        Assert.Equal(1, await ScalarAsync("SELECT 1"));
    }

    [MariaDbTheory]
    [InlineData("SELECT seq, REPEAT('x', 100) FROM seq_1_to_100000", false)]
    [InlineData("SELECT seq, REPEAT('x', 100) FROM seq_1_to_100000 WHERE 1 = @one", true)]
    public async Task A_long_result_is_streamed(string sql, bool hasParameter)
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var command = Command(connection, sql, hasParameter ? [("one", 1)] : []);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long sum = 0;
        for (var row = 0; await reader.ReadAsync(Token); row++)
        {
            sum += reader.GetInt64(0);
            if (row % 20_000 == 0)
                Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 2_000_000);
        }

        Assert.Equal(100_000L * 100_001 / 2, sum);
    }

    [MariaDbFact]
    public async Task A_reader_left_in_the_middle_frees_its_connection()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using (var command = Command(connection, "SELECT seq FROM seq_1_to_1000; SELECT 2"))
        await using (var reader = await command.ExecuteReaderAsync(Token))
            Assert.True(await reader.ReadAsync(Token));
        Assert.Equal(3, await ScalarAsync(connection, "SELECT 3"));
    }

    [MariaDbFact]
    public async Task A_second_command_while_rows_are_read_is_refused()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var command = Command(connection, "SELECT seq FROM seq_1_to_1000");
        await using var reader = await command.ExecuteReaderAsync(Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ScalarAsync(connection, "SELECT 1"));
        Assert.True(await reader.ReadAsync(Token));
        Assert.Equal(1L, reader.GetInt64(0));
    }

    [MariaDbFact]
    public async Task Several_results_come_one_after_the_other()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var command = Command(
            connection, "CREATE TEMPORARY TABLE several (v INT); INSERT INTO several VALUES (1), (2); SELECT v FROM several; SELECT 'a' AS x, 'b' AS y WHERE 1 = 0; SELECT 3");
        await using var reader = await command.ExecuteReaderAsync(Token);
        Assert.True(reader.HasRows);
        Assert.True(await reader.ReadAsync(Token));
        Assert.True(await reader.ReadAsync(Token));
        Assert.False(await reader.ReadAsync(Token));
        Assert.True(reader.HasRows);
        Assert.True(await reader.NextResultAsync(Token));
        Assert.Equal(("y", 1), (reader.GetName(1), reader.GetOrdinal("Y")));
        Assert.False(reader.HasRows);
        Assert.False(await reader.ReadAsync(Token));
        Assert.True(await reader.NextResultAsync(Token));
        Assert.True(await reader.ReadAsync(Token));
        Assert.Equal(3, reader.GetInt32(0));
        Assert.False(await reader.NextResultAsync(Token));
        Assert.Equal(2, reader.RecordsAffected);
    }

    [MariaDbFact]
    public async Task A_script_stops_at_its_first_error_and_the_connection_goes_on()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        const string Script = "CREATE TEMPORARY TABLE script (v INT); INSERT INTO script VALUES (1); INSERT INTO nowhere VALUES (1); INSERT INTO script VALUES (2)";
        Assert.Equal(1146, await ErrorOfAsync(() => ExecuteAsync(connection, Script)));
        Assert.Equal(1L, await ScalarAsync(connection, "SELECT COUNT(*) FROM script"));
    }

    [MariaDbFact]
    public async Task Affected_rows_count_what_a_statement_matched()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        Assert.Equal(0, await ExecuteAsync(connection, "CREATE TEMPORARY TABLE affected (id INT AUTO_INCREMENT PRIMARY KEY, v INT)"));
        Assert.Equal(3, await ExecuteAsync(connection, "INSERT INTO affected (v) VALUES (1), (1), (2)"));
        Assert.Equal(2, await ExecuteAsync(connection, "UPDATE affected SET v = @v WHERE v = @v", ("v", 1)));
        Assert.Equal(0, await ExecuteAsync(connection, "DELETE FROM affected WHERE v = @v", ("v", 9)));
        Assert.Equal(-1, await ExecuteAsync(connection, "SELECT v FROM affected"));
        Assert.Equal(1, await ExecuteAsync(connection, "INSERT INTO affected (v) VALUES (@v)", ("v", 4)));
        Assert.Equal(4ul, await ScalarAsync(connection, "SELECT LAST_INSERT_ID()"));
        Assert.Null(await ScalarAsync(connection, "SELECT v FROM affected WHERE v = 9"));
    }

    [MariaDbFact]
    public async Task Text_is_unicode_whatever_the_servers_default_also_after_a_reset()
    {
        Assert.Equal("latin1", await ScalarAsync("SELECT @@global.character_set_server"));
        for (var use = 0; use < 2; use++)
        {
            Assert.Equal("🦉", await ScalarAsync("SELECT '🦉'"));
            Assert.Equal("🦉", await ScalarAsync("SELECT CONCAT(@v)", ("v", "🦉")));
            Assert.Equal("F09FA689", await ScalarAsync("SELECT HEX(@v)", ("v", "🦉")));
        }
    }

    [MariaDbFact]
    public async Task Names_of_columns_can_be_any_text()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var command = Command(connection, "SELECT 1 AS `größe`, @v AS `@v`", ("v", Encoding.UTF8.GetBytes("b")));
        await using var reader = await command.ExecuteReaderAsync(Token);
        Assert.Equal(("größe", "@v"), (reader.GetName(0), reader.GetName(1)));
        Assert.Throws<IndexOutOfRangeException>(() => reader.GetOrdinal("other"));
    }
}
