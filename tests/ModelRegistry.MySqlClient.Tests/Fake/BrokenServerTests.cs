using System.Data;
using ModelRegistry.MySqlClient.Protocol;
using Xunit;
using static ModelRegistry.MySqlClient.Tests.Fake.Packets;

namespace ModelRegistry.MySqlClient.Tests.Fake;

public sealed class BrokenServerTests
{
    private static readonly byte[] TwoColumns = [2];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Results_end_as_the_handshake_agreed(bool isModern)
    {
        byte[][] between = isModern ? [] : [Eof()];
        await QueryAsync(
            client => client.SendAsync(
            [
                TwoColumns, Column("a", ColumnType.Long), Column("b", ColumnType.VarString), .. between, TextRow("1", null), TextRow("2", ""),
                isModern ? End(ServerStatus.MoreResults) : Eof(ServerStatus.MoreResults), Ok(affected: 3),
            ]),
            async command =>
            {
                await using var reader = await command.ExecuteReaderAsync();
                Assert.True(await reader.ReadAsync());
                Assert.Equal((1, true), (reader.GetInt32(0), await reader.IsDBNullAsync(1)));
                Assert.True(await reader.ReadAsync());
                Assert.Equal((2, ""), (reader.GetInt32(0), reader.GetString(1)));
                Assert.False(await reader.ReadAsync());
                Assert.False(await reader.NextResultAsync());
                Assert.Equal(3, reader.RecordsAffected);
                Assert.Equal(ConnectionState.Open, command.Connection!.State);
            },
            isModern ? Modern : Old);
    }

    [Fact]
    public async Task An_error_in_the_middle_of_rows_leaves_the_connection_usable()
    {
        await QueryAsync(
            async client =>
            {
                await client.SendAsync(TwoColumns, Column("a", ColumnType.Long), Column("b", ColumnType.Long), TextRow("1", "2"), Error(1317, "70100", "interrupted"));
                await client.ReceiveAsync();
                await client.SendAsync(Ok(affected: 5));
            },
            async command =>
            {
                await using (var reader = await command.ExecuteReaderAsync())
                {
                    Assert.True(await reader.ReadAsync());
                    var error = await Assert.ThrowsAsync<MySqlException>(() => reader.ReadAsync());
                    Assert.Equal((1317, "70100", "interrupted"), (error.Number, error.SqlState, error.Message));
                }

                Assert.Equal(5, await command.ExecuteNonQueryAsync());
            });
    }

    public static TheoryData<string, byte[][]> Surprises() => new()
    {
        { "local file", [[0xFB, .. "/etc/passwd"u8]] },
        { "absurd columns", [[0xFC, 0xFF, 0xFF]] },
        { "no columns", [[0xFE, 1, 1, 1, 1, 1, 1, 1, 1]] },
        { "empty", [[]] },
        { "column", [[1], [3, 1]] },
        { "huge field", [[1], Column("a", ColumnType.VarString), [0xFE, 255, 255, 255, 255, 255, 255, 255, 127, 1, 1, 1, 1, 1]] },
        { "short row", [TwoColumns, Column("a", ColumnType.Long), Column("b", ColumnType.Long), TextRow("1")] },
        { "not a number", [[1], Column("a", ColumnType.Long), TextRow("one")] },
        { "not a date", [[1], Column("a", ColumnType.DateTime), TextRow("9999-12-31 99:00:00")] },
        { "not a time", [[1], Column("a", ColumnType.Time), TextRow("99999999:00:00")] },
        { "short ok", [[0, 0]] },
        { "short error", [[0xFF, 1]] },
        { "short end", [[1], Column("a", ColumnType.Long), [0xFE, 0]] },
    };

    [Theory]
    [MemberData(nameof(Surprises), DisableDiscoveryEnumeration = true)]
    public async Task A_surprise_is_an_error_that_closes_the_connection(string kind, byte[][] answer)
    {
        Assert.NotEmpty(kind);
        await QueryAsync(client => client.SendAsync(answer), ReadAllAsync);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(255)]
    public async Task A_wrong_sequence_number_closes_the_connection(byte sequence) => await QueryAsync(
        client =>
        {
            client.Sequence = sequence;
            return client.SendAsync(Ok());
        },
        ReadAllAsync);

    [Fact]
    public async Task A_length_that_is_announced_but_never_sent_costs_no_memory()
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await QueryAsync(
            async client =>
            {
                await client.SendRawAsync([0xFE, 0xFF, 0xFF, 1, 1, 2, 3]);
                await client.FinishAsync();
            },
            ReadAllAsync);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 2_000_000);
    }

    [Fact]
    public async Task A_server_that_stops_talking_is_left_after_the_command_timeout() => await QueryAsync(
        client => client.SendAsync([1], Column("a", ColumnType.Long)),
        async command =>
        {
            command.CommandTimeout = 1;
            var error = await Assert.ThrowsAsync<MySqlException>(() => command.ExecuteScalarAsync());
            Assert.Equal("HYT00", error.SqlState);
            Assert.Equal(ConnectionState.Broken, command.Connection!.State);
        });

    [Theory]
    [InlineData("Connection Reset=true", false)]
    [InlineData("Connection Reset=false", false)]
    [InlineData("Connection Reset=false", true)]
    public async Task A_server_that_leaves_an_idle_connection_costs_no_error(string options, bool saysGoodbye)
    {
        var connections = 0;
        await using var server = new FakeMySqlServer(async client =>
        {
            Interlocked.Increment(ref connections);
            await client.LogInAsync();
            client.Sequence = 0;
            if (saysGoodbye)
                await client.SendAsync(Error(4031, "HY000", "The client was disconnected by the server because of inactivity."));
        });
        await using var source = new MySqlDataSource($"{server.ConnectionString};{options}");
        for (var use = 1; use <= 3; use++)
        {
            await (await source.OpenConnectionAsync()).DisposeAsync();
            await Task.Delay(50);
            Assert.Equal(use, connections);
        }
    }

    [Fact]
    public async Task A_server_that_answers_no_ping_is_left_for_a_new_connection()
    {
        var connections = 0;
        await using var server = new FakeMySqlServer(async client =>
        {
            Interlocked.Increment(ref connections);
            await client.LogInAsync();
            await client.WaitForCloseAsync();
        });
        await using var source = new MySqlDataSource($"{server.ConnectionString};Connection Idle Ping Time=0;Connection Reset=false");
        var first = await source.OpenConnectionAsync();
        var second = await source.OpenConnectionAsync();
        await first.DisposeAsync();
        await second.DisposeAsync();
        await (await source.OpenConnectionAsync()).DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(3, connections);
    }

    [Fact]
    public async Task A_prepare_whose_answer_disagrees_is_an_error()
    {
        await FakeMySqlServer.RunAsync(
            async client =>
            {
                await client.LogInAsync();
                await client.ReceiveAsync();
                await client.SendAsync(PrepareOk(parameters: 2, columns: 0), Column("?", ColumnType.VarString), Column("?", ColumnType.VarString));
                Assert.Equal(0x19, (await client.ReceiveAsync())[0]);
                await client.WaitForCloseAsync();
            },
            async source =>
            {
                await using var connection = (MySqlConnection)await source.OpenConnectionAsync();
                await using var command = connection.CreateCommand();
                command.CommandText = "SELECT @a";
                command.Parameters.Add(new MySqlParameter { ParameterName = "a", Value = 1 });
                Assert.Equal("07001", (await Assert.ThrowsAsync<MySqlException>(() => command.ExecuteScalarAsync())).SqlState);
            });
    }

    private static async Task ReadAllAsync(MySqlCommand command)
    {
        await Assert.ThrowsAsync<MySqlException>(() => Conversation.ReadAllAsync(command));
        Assert.Equal(ConnectionState.Broken, command.Connection!.State);
    }

    /// <summary>Logs in, answers one query by a script, and waits until the driver has closed the connection.</summary>
    private static Task QueryAsync(Func<FakeClient, Task> answer, Func<MySqlCommand, Task> query, CapabilityFlags capabilities = Modern) => FakeMySqlServer.RunAsync(
        async client =>
        {
            await client.LogInAsync(Greeting(capabilities: capabilities));
            await client.ReceiveAsync();
            await answer(client);
            await client.WaitForCloseAsync();
        },
        async source =>
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var command = (MySqlCommand)connection.CreateCommand();
            command.CommandText = "SELECT 1";
            await query(command);
        });
}
