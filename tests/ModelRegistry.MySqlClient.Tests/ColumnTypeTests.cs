using System.Data.Common;
using System.Globalization;
using ModelRegistry.Tests;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

public sealed class ColumnTypeTests(MariaDbFixture fixture) : MariaDbTests(fixture)
{
    public static TheoryData<string, string, object> Literals() => new()
    {
        { "TINYINT", "-128", (sbyte)-128 },
        { "TINYINT UNSIGNED", "255", (byte)255 },
        { "TINYINT(1)", "1", true },
        { "TINYINT(1)", "0", false },
        { "SMALLINT", "-32768", short.MinValue },
        { "SMALLINT UNSIGNED", "65535", ushort.MaxValue },
        { "MEDIUMINT", "-8388608", -8388608 },
        { "MEDIUMINT UNSIGNED", "16777215", 16777215u },
        { "INT", "-2147483648", int.MinValue },
        { "INT UNSIGNED", "4294967295", uint.MaxValue },
        { "BIGINT", "-9223372036854775808", long.MinValue },
        { "BIGINT", "9223372036854775807", long.MaxValue },
        { "BIGINT UNSIGNED", "18446744073709551615", ulong.MaxValue },
        { "YEAR", "2026", 2026 },
        { "FLOAT", "1.5", 1.5f },
        { "DOUBLE", "1.7976931348623157e308", double.MaxValue },
        { "DOUBLE", "4.9406564584124654e-324", double.Epsilon },
        { "DECIMAL(28,10)", "-123456789012345678.0123456789", -123456789012345678.0123456789m },
        { "BIT(9)", "b'100000011'", 259ul },
        { "DATE", "'2026-02-28'", new DateTime(2026, 2, 28) },
        { "DATETIME", "'2026-02-28 23:59:58'", new DateTime(2026, 2, 28, 23, 59, 58) },
        { "DATETIME(6)", "'2026-02-28 23:59:58.000012'", new DateTime(2026, 2, 28, 23, 59, 58).AddMicroseconds(12) },
        { "DATETIME(3)", "'2026-02-28 00:00:00.120'", new DateTime(2026, 2, 28).AddMilliseconds(120) },
        { "TIMESTAMP(6) NULL", "'2026-02-28 23:59:58.5'", new DateTime(2026, 2, 28, 23, 59, 58, 500) },
        { "DATE", "'0000-00-00'", DateTime.MinValue },
        { "TIME", "'-838:59:59'", -new TimeSpan(838, 59, 59) },
        { "TIME(6)", "'12:00:00.000001'", TimeSpan.FromHours(12) + TimeSpan.FromMicroseconds(1) },
        { "TIME", "'00:00:00'", TimeSpan.Zero },
        { "CHAR(3)", "'abc'", "abc" },
        { "VARCHAR(50)", "'naïve 🦉'", "naïve 🦉" },
        { "VARCHAR(50)", "''", "" },
        { "TEXT", "'text'", "text" },
        { "LONGTEXT", "'long'", "long" },
        { "ENUM('a','b')", "'b'", "b" },
        { "SET('a','b')", "'a,b'", "a,b" },
        { "JSON", "'{\"a\": 1}'", "{\"a\": 1}" },
        { "BINARY(3)", "X'00FF01'", new byte[] { 0, 255, 1 } },
        { "VARBINARY(5)", "X''", Array.Empty<byte>() },
        { "BLOB", "X'FB00FF'", new byte[] { 0xFB, 0, 0xFF } },
    };

    [MariaDbTheory]
    [MemberData(nameof(Literals), DisableDiscoveryEnumeration = true)]
    public async Task A_stored_value_reads_the_same_in_both_protocols(string type, string literal, object expected)
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await ExecuteAsync(connection, $"SET sql_mode = ''; CREATE TEMPORARY TABLE one (v {type}, n {type}); INSERT INTO one (v, n) VALUES ({literal}, NULL)");
        foreach (var (filter, values) in new (string, (string, object?)[])[] { ("1 = 1", []), ("1 = @one", [("one", 1)]) })
        {
            await using var command = Command(connection, $"SELECT v, n FROM one WHERE {filter}", values);
            await using var reader = await command.ExecuteReaderAsync(Token);
            Assert.True(await reader.ReadAsync(Token));
            Assert.Equal(expected, reader.GetValue(0));
            Assert.Equal(expected.GetType(), reader.GetFieldType(0));
            Assert.False(reader.IsDBNull(0));
            Assert.True(type.StartsWith("TIMESTAMP", StringComparison.Ordinal) || reader.IsDBNull(1));
            Assert.False(await reader.ReadAsync(Token));
        }
    }

    [MariaDbTheory]
    [MemberData(nameof(Literals), DisableDiscoveryEnumeration = true)]
    public async Task A_parameter_is_stored_as_its_literal_would_be(string type, string literal, object value)
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await ExecuteAsync(connection, $"SET sql_mode = ''; CREATE TEMPORARY TABLE one (v {type}, l {type})");
        var isZeroDate = value.Equals(DateTime.MinValue);
        await ExecuteAsync(connection, $"INSERT INTO one (v, l) VALUES (@v, {literal})", ("v", isZeroDate ? "0000-00-00" : value));
        Assert.Equal(1L, await ScalarAsync(connection, "SELECT COUNT(*) FROM one WHERE v = l"));
        Assert.Equal(value, await ScalarAsync(connection, "SELECT v FROM one"));
    }

    [MariaDbFact]
    public async Task Null_parameters_are_null()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var command = Command(connection, "SELECT @a IS NULL, @b, @c, @a", ("a", null), ("b", 7), ("c", DBNull.Value));
        await using var reader = await command.ExecuteReaderAsync(Token);
        Assert.True(await reader.ReadAsync(Token));
        Assert.Equal(1L, Convert.ToInt64(reader.GetValue(0), CultureInfo.InvariantCulture));
        Assert.Equal(7, reader.GetInt32(1));
        Assert.Equal(DBNull.Value, reader.GetValue(2));
        Assert.True(reader.IsDBNull(3));
    }

    [MariaDbFact]
    public async Task Every_double_comes_back_bit_by_bit_in_both_protocols()
    {
        var random = new Random(20260504);
        double[] values = [0.1, double.Epsilon, double.MaxValue, double.MinValue, .. Enumerable.Range(0, 1000).Select(_ => AnyDouble(random))];
        await using var connection = await Source.OpenConnectionAsync(Token);
        await ExecuteAsync(connection, "CREATE TEMPORARY TABLE doubles (id INT, v DOUBLE)");
        for (var i = 0; i < values.Length; i++)
            await ExecuteAsync(connection, "INSERT INTO doubles VALUES (@id, @v)", ("id", i), ("v", values[i]));
        // Without minus zero: the server makes it zero, even of its own literal.
        var bits = values.Select(BitConverter.DoubleToInt64Bits).ToList();
        Assert.Equal(bits, await BitsAsync(Command(connection, "SELECT v FROM doubles WHERE 1 = @one ORDER BY id", ("one", 1))));
        Assert.Equal(bits, await BitsAsync(Command(connection, "SELECT v FROM doubles ORDER BY id")));
    }

    [MariaDbFact]
    public async Task Guids_enums_chars_and_offsets_have_a_place_and_other_types_are_refused()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        var id = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e");
        Assert.Equal(id.ToString(), await ScalarAsync(connection, "SELECT CONCAT(@v)", ("v", id)));
        Assert.Equal("é", await ScalarAsync(connection, "SELECT CONCAT(@v)", ("v", 'é')));
        Assert.Equal(6L, await ScalarAsync(connection, "SELECT @v + 0", ("v", DayOfWeek.Saturday)));
        var moment = new DateTimeOffset(2026, 1, 1, 1, 0, 0, TimeSpan.FromHours(2));
        Assert.Equal("2025-12-31 23:00:00", await ScalarAsync(connection, "SELECT CONCAT(@v)", ("v", moment)));
        await Assert.ThrowsAsync<NotSupportedException>(() => ScalarAsync(connection, "SELECT @v", ("v", new object())));
        Assert.Equal(1, await ScalarAsync(connection, "SELECT @v", ("v", 1)));
    }

    [MariaDbFact]
    public async Task A_decimal_beyond_dotnets_range_is_an_error_that_leaves_the_connection_usable()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await Assert.ThrowsAnyAsync<DbException>(() => ScalarAsync(connection, "SELECT CAST(REPEAT('9', 60) AS DECIMAL(65, 0))"));
        Assert.Equal(1, await ScalarAsync(connection, "SELECT 1"));
    }

    [MariaDbFact]
    public async Task Parts_of_a_blob_and_a_text_can_be_copied()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var command = Command(connection, "SELECT X'0102030405', 'abcde'");
        await using var reader = await command.ExecuteReaderAsync(Token);
        Assert.True(await reader.ReadAsync(Token));
        var (bytes, chars) = (new byte[3], new char[3]);
        Assert.Equal(5, reader.GetBytes(0, 0, null, 0, 0));
        Assert.Equal(3, reader.GetBytes(0, 1, bytes, 0, 3));
        Assert.Equal([2, 3, 4], bytes);
        Assert.Equal(1, reader.GetBytes(0, 4, bytes, 0, 3));
        Assert.Equal(2, reader.GetChars(1, 3, chars, 0, 3));
        Assert.Equal("de", new string(chars, 0, 2));
    }

    private async Task<List<long>> BitsAsync(DbCommand command)
    {
        await using var owned = command;
        await using var reader = await command.ExecuteReaderAsync(Token);
        var bits = new List<long>();
        while (await reader.ReadAsync(Token))
            bits.Add(BitConverter.DoubleToInt64Bits(reader.GetDouble(0)));
        return bits;
    }

    private static double AnyDouble(Random random)
    {
        while (true)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            if (double.IsFinite(value))
                return value;
        }
    }
}
