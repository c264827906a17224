using System.Data;
using System.Data.Common;
using System.Diagnostics;
using ModelRegistry.Tests;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

public sealed class CancellationTests(MariaDbFixture fixture) : MariaDbTests(fixture)
{
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(5);

    [MariaDbTheory]
    [InlineData("SELECT SLEEP(30)", false)]
    [InlineData("SELECT SLEEP(@v)", true)]
    [InlineData("SELECT COUNT(*) FROM seq_1_to_1000000000 WHERE seq % 7 = @v", true)]
    public async Task A_cancelled_command_ends_at_once_here_and_on_the_server(string sql, bool hasParameter)
    {
        await using var source = CreateSource("Maximum Pool Size=1");
        var clock = Stopwatch.StartNew();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await using (var connection = await source.OpenConnectionAsync(Token))
        await using (var command = Command(connection, sql, hasParameter ? [("v", 30)] : []))
        {
            var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => command.ExecuteScalarAsync(cancel.Token));
            Assert.Equal(cancel.Token, error.CancellationToken);
            Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(200), Prompt);
            Assert.Equal(ConnectionState.Broken, connection.State);
        }

        await WaitUntilGoneAsync(sql[..12]);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Prompt);
        await using var next = await source.OpenConnectionAsync(Token);
        Assert.Equal(1, await ScalarAsync(next, "SELECT 1"));
    }

    [MariaDbFact]
    public async Task A_command_beyond_its_time_limit_is_stopped()
    {
        var clock = Stopwatch.StartNew();
        await using (var connection = await Source.OpenConnectionAsync(Token))
        await using (var command = Command(connection, "SELECT SLEEP(29)"))
        {
            command.CommandTimeout = 1;
            var error = await Assert.ThrowsAnyAsync<DbException>(() => command.ExecuteScalarAsync(Token));
            Assert.Equal("HYT00", error.SqlState);
        }

        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), Prompt);
        await WaitUntilGoneAsync("SELECT SLEEP(29)");
        Assert.Equal(1, await ScalarAsync("SELECT 1"));
    }

    [MariaDbFact]
    public async Task The_time_limit_of_the_connection_string_holds_for_commands_that_have_none()
    {
        await using var source = CreateSource("Default Command Timeout=1");
        await using var connection = await source.OpenConnectionAsync(Token);
        await Assert.ThrowsAnyAsync<DbException>(() => ScalarAsync(connection, "SELECT SLEEP(28)"));
    }

    [MariaDbFact]
    public async Task A_cancellation_while_rows_are_read_ends_the_reading()
    {
        using var cancel = new CancellationTokenSource();
        await using (var connection = await Source.OpenConnectionAsync(Token))
        await using (var command = Command(connection, "SELECT seq, REPEAT('x', 1000) FROM seq_1_to_1000000000"))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await using var reader = await command.ExecuteReaderAsync(cancel.Token);
                for (var row = 0; await reader.ReadAsync(CancellationToken.None); row++)
                {
                    if (row == 1000)
                        await cancel.CancelAsync();
                }
            });
        }

        Assert.Equal(1, await ScalarAsync("SELECT 1"));
    }

    [MariaDbFact]
    public async Task A_token_cancelled_beforehand_sends_nothing_and_keeps_the_connection()
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        await using var command = Command(connection, "SELECT 1");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => command.ExecuteScalarAsync(new CancellationToken(canceled: true)));
        Assert.Equal(1, await ScalarAsync(connection, "SELECT 1"));
    }

    [MariaDbFact]
    public async Task A_cancelled_command_takes_its_transaction_with_it()
    {
        await ExecuteAsync("CREATE OR REPLACE TABLE cancelled (id INT)");
        await using (var connection = await Source.OpenConnectionAsync(Token))
        await using (await connection.BeginTransactionAsync(Token))
        {
            await ExecuteAsync(connection, "INSERT INTO cancelled VALUES (1)");
            using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await using var command = Command(connection, "SELECT SLEEP(27)");
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => command.ExecuteScalarAsync(cancel.Token));
        }

        Assert.Equal(0L, await ScalarAsync("SELECT COUNT(*) FROM cancelled FOR UPDATE"));
    }

    [MariaDbFact]
    public async Task Cancellations_that_race_with_the_answer_never_hit_the_next_user()
    {
        await using var source = CreateSource("Maximum Pool Size=4");
        var outcomes = new int[2];
        await Parallel.ForEachAsync(Enumerable.Range(0, 400), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            await using var connection = await source.OpenConnectionAsync(Token);
            using var cancel = new CancellationTokenSource();
            await using var command = Command(connection, "SELECT @v, SLEEP(0.002)", ("v", i));
            if (i % 2 == 0)
                cancel.CancelAfter(TimeSpan.FromMilliseconds(i % 5));
            try
            {
                Assert.Equal(i, await command.ExecuteScalarAsync(cancel.Token));
                Interlocked.Increment(ref outcomes[0]);
            }
            catch (OperationCanceledException) when (i % 2 == 0)
            {
                Interlocked.Increment(ref outcomes[1]);
            }
        });
        Assert.Equal(400, outcomes.Sum());
        Assert.InRange(outcomes[1], 1, 200);
    }

    private async Task WaitUntilGoneAsync(string start)
    {
        while (Convert.ToInt64(await ScalarAsync($"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND INFO LIKE '{start}%'"), null) > 0)
            await Task.Delay(20, Token);
    }
}
