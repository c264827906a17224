using System.Data.Common;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using ModelRegistry.Tests;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

public sealed class PoolTests(MariaDbFixture fixture) : MariaDbTests(fixture)
{
    [MariaDbTheory]
    [InlineData("Connection Reset=true;SslMode=None")]
    [InlineData("Connection Reset=false;SslMode=None")]
    [InlineData("Connection Reset=false;SslMode=Required")]
    [InlineData("Connection Reset=false;Connection Idle Ping Time=0")]
    public async Task A_returned_connection_is_used_again(string options)
    {
        await using var source = CreateSource(options);
        var first = await ConnectionIdAsync(source);
        for (var use = 0; use < 5; use++)
        {
            await Task.Delay(20, Token);
            Assert.Equal(first, await ConnectionIdAsync(source));
        }
    }

    [MariaDbFact]
    public async Task The_pool_counts_what_it_holds()
    {
        var counts = new Dictionary<string, int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "db.client.connection.count")
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => counts[(string)tags.ToArray().Single(tag => tag.Key == "db.client.connection.state").Value!] = value);
        listener.Start();
        await using var source = CreateSource();
        await FillAsync(source, 3);
        await using var used = await source.OpenConnectionAsync(Token);
        listener.RecordObservableInstruments();
        Assert.Equal((2, 1), (counts["idle"], counts["used"]));
    }

    [MariaDbFact]
    public async Task The_bound_holds_under_load()
    {
        await using var source = CreateSource("Maximum Pool Size=3");
        var ids = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => ConnectionIdAsync(source)));
        Assert.InRange(ids.Distinct().Count(), 1, 3);
    }

    [MariaDbFact]
    public async Task Who_waits_longest_is_served_first()
    {
        await using var source = CreateSource("Maximum Pool Size=1");
        var holder = await source.OpenConnectionAsync(Token);
        var order = new List<int>();
        var waiting = new List<Task>();
        for (var i = 0; i < 5; i++)
            waiting.Add(WaitAsync(i));
        await holder.DisposeAsync();
        await Task.WhenAll(waiting);
        Assert.Equal([0, 1, 2, 3, 4], order);

        async Task WaitAsync(int number)
        {
            await using var connection = await source.OpenConnectionAsync(Token);
            order.Add(number);
        }
    }

    [MariaDbFact]
    public async Task Waiting_ends_with_the_connection_timeout_or_the_token()
    {
        await using var source = CreateSource("Maximum Pool Size=1;Connection Timeout=1");
        await using var holder = await source.OpenConnectionAsync(Token);
        var clock = Stopwatch.StartNew();
        var error = await Assert.ThrowsAnyAsync<DbException>(() => source.OpenConnectionAsync(Token).AsTask());
        Assert.Contains("in use", error.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(3));
        using var cancel = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => source.OpenConnectionAsync(cancel.Token).AsTask());
    }

    [MariaDbTheory]
    [InlineData("Connection Reset=true")]
    [InlineData("Connection Reset=false")]
    [InlineData("Connection Reset=false;SslMode=Required")]
    public async Task A_connection_that_the_server_dropped_while_idle_costs_no_error(string options)
    {
        await using var source = CreateSource(options);
        var ids = await FillAsync(source, 3);
        foreach (var id in ids)
            await ExecuteAsync($"KILL {id}");
        await Task.Delay(50, Token);
        for (var i = 0; i < 5; i++)
            Assert.DoesNotContain(await ConnectionIdAsync(source), ids);
    }

    [MariaDbFact]
    public async Task A_connection_beyond_its_lifetime_is_replaced()
    {
        var time = new ManualTime();
        await using var source = new MySqlDataSource($"{ConnectionString};Connection Lifetime=60;Connection Idle Timeout=0", null, time);
        var first = await ConnectionIdAsync(source);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(first, await ConnectionIdAsync(source));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotEqual(first, await ConnectionIdAsync(source));
    }

    [MariaDbFact]
    public async Task Connections_that_nobody_needs_are_closed_in_the_background()
    {
        var time = new ManualTime();
        await using var source = new MySqlDataSource($"{ConnectionString};Connection Idle Timeout=100", null, time);
        var ids = await FillAsync(source, 3);
        time.Advance(TimeSpan.FromSeconds(99));
        var used = await ConnectionIdAsync(source);
        time.Advance(TimeSpan.FromSeconds(2));
        time.Tick();
        while (await AliveAsync(ids) != 1)
            await Task.Delay(10, Token);
        Assert.Equal(used, await ConnectionIdAsync(source));
    }

    [MariaDbFact]
    public async Task A_reset_gives_each_user_a_fresh_session()
    {
        await using var source = CreateSource("Maximum Pool Size=1");
        await using (var connection = await source.OpenConnectionAsync(Token))
        {
            await ExecuteAsync(connection, "SET @leak = 1, SESSION sort_buffer_size = 123456; CREATE TEMPORARY TABLE leak (v INT)");
            await ScalarAsync(connection, "SELECT @v", ("v", 1));
        }

        await using var next = await source.OpenConnectionAsync(Token);
        Assert.Equal(DBNull.Value, await ScalarAsync(next, "SELECT @leak"));
        Assert.Equal(1L, Convert.ToInt64(await ScalarAsync(next, "SELECT @@session.sort_buffer_size = @@global.sort_buffer_size"), null));
        Assert.Equal(1146, await ErrorOfAsync(() => ScalarAsync(next, "SELECT * FROM leak")));
        Assert.Equal(1, await ScalarAsync(next, "SELECT @v", ("v", 1)));
    }

    [MariaDbTheory]
    [InlineData("Connection Reset=true")]
    [InlineData("Connection Reset=false")]
    public async Task The_set_up_statements_hold_for_every_user(string options)
    {
        await using var source = new MySqlDataSource($"{ConnectionString};Maximum Pool Size=1;{options}", "SET SESSION sql_mode = 'ANSI_QUOTES'");
        for (var use = 0; use < 3; use++)
        {
            await using var connection = await source.OpenConnectionAsync(Token);
            Assert.Equal("ANSI_QUOTES", await ScalarAsync(connection, "SELECT @@sql_mode"));
            Assert.Equal(use, await ScalarAsync(connection, "SELECT \"v@v\" FROM (SELECT @v AS \"v@v\") AS t", ("v", use)));
        }
    }

    [MariaDbFact]
    public async Task Set_up_that_fails_is_an_error_that_leaves_no_connection_behind()
    {
        await using var source = new MySqlDataSource($"{ConnectionString};Maximum Pool Size=2", "SET nonsense = 1");
        for (var attempt = 0; attempt < 4; attempt++)
            Assert.Equal(1193, await ErrorOfAsync(() => source.OpenConnectionAsync(Token).AsTask()));
    }

    [MariaDbFact]
    public async Task A_closed_source_closes_its_connections()
    {
        var source = CreateSource();
        var ids = await FillAsync(source, 2);
        var late = await source.OpenConnectionAsync(Token);
        await source.DisposeAsync();
        await late.DisposeAsync();
        while (await AliveAsync(ids) != 0)
            await Task.Delay(10, Token);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => source.OpenConnectionAsync(Token).AsTask());
    }

    [MariaDbFact]
    public async Task A_connection_killed_in_the_middle_is_an_error_once()
    {
        await using var source = CreateSource("Maximum Pool Size=1");
        await using (var connection = await source.OpenConnectionAsync(Token))
        {
            await using var transaction = await connection.BeginTransactionAsync(Token);
            await ExecuteAsync($"KILL {await ScalarAsync(connection, "SELECT CONNECTION_ID()")}");
            var error = await Assert.ThrowsAnyAsync<DbException>(() => ScalarAsync(connection, "SELECT 1"));
            Assert.True(error.IsTransient);
        }

        await using var next = await source.OpenConnectionAsync(Token);
        Assert.Equal(1, await ScalarAsync(next, "SELECT 1"));
    }

    private async Task<long> ConnectionIdAsync(DbDataSource source)
    {
        await using var connection = await source.OpenConnectionAsync(Token);
        return Convert.ToInt64(await ScalarAsync(connection, "SELECT CONNECTION_ID()"), null);
    }

    /// <summary>Opens several connections at a time and returns them.</summary>
    private async Task<long[]> FillAsync(DbDataSource source, int count)
    {
        var connections = new List<DbConnection>();
        for (var i = 0; i < count; i++)
            connections.Add(await source.OpenConnectionAsync(Token));
        var ids = new List<long>();
        foreach (var connection in connections)
            ids.Add(Convert.ToInt64(await ScalarAsync(connection, "SELECT CONNECTION_ID()"), null));
        foreach (var connection in connections)
            await connection.DisposeAsync();
        return [.. ids];
    }

    private async Task<long> AliveAsync(long[] ids) =>
        Convert.ToInt64(await ScalarAsync($"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID IN ({string.Join(",", ids)})"), null);
}
