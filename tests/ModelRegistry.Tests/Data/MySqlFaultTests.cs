using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Data.MySql;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>What becomes of reads and writes when the way to MariaDB fails.</summary>
public sealed class MySqlFaultTests : MySqlFixture
{
    private const int Crowded = 16;

    [MariaDbFact]
    public async Task A_server_that_has_gone_silent_is_an_error_in_bounded_time_and_none_once_it_speaks()
    {
        var source = Connect(options: "ssl_disabled=true&connect_timeout=1", commandTimeout: 1);
        var database = Open(source);
        await FillAsync(source, 3);

        Proxy.IsSilent = true;
        var clock = Stopwatch.StartNew();
        var failure = await Assert.ThrowsAnyAsync<DbException>(() => OneAsync(database));

        Assert.True(MySqlDatabase.Dialect.IsTransient(failure), failure.ToString());
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Proxy.IsSilent = false;
        Assert.Equal(1, await OneAsync(database));
    }

    [MariaDbFact]
    public async Task A_commit_whose_answer_is_lost_is_not_done_again()
    {
        var database = Open(Connect());
        var tries = 0;
        await OneAsync(database); // The set-up of a session has the word as well.

        Proxy.LoseAnswerTo("COMMIT");
        var failure = await Assert.ThrowsAnyAsync<DbException>(() => database.WriteAsync(
            scope =>
            {
                tries++;
                return InsertAsync(scope, 1);
            },
            default));

        Assert.True(MySqlDatabase.Dialect.IsTransient(failure), failure.ToString());
        Assert.Equal(1, tries);
        Assert.Equal([1], await ItemsAsync());
    }

    [MariaDbFact]
    public async Task A_commit_of_many_whose_answer_is_lost_is_told_to_each_of_them()
    {
        var database = Open(Connect());
        using var entered = new SemaphoreSlim(0);
        using var barrier = new SemaphoreSlim(0);
        var writes = new List<Task>
        {
            database.WriteAsync(
                async scope =>
                {
                    await InsertAsync(scope, 1);
                    entered.Release();
                    await barrier.WaitAsync();
                },
                default,
                "row"),
        };
        await entered.WaitAsync();
        Proxy.LoseAnswerTo("COMMIT");
        writes.AddRange(Enumerable.Range(2, 3).Select(id => database.WriteAsync(scope => InsertAsync(scope, id), default, "row")));
        barrier.Release();

        await Assert.ThrowsAnyAsync<DbException>(() => Task.WhenAll(writes));

        // Those that the shared transaction had no time for came after it, in one of their own.
        var told = Enumerable.Range(1, 4).Where(id => writes[id - 1].IsCompletedSuccessfully);
        Assert.True(writes[0].IsFaulted);
        Assert.Empty(told.Except(await ItemsAsync()));
    }

    [MariaDbFact]
    public async Task A_connection_that_breaks_before_the_commit_leaves_nothing_and_the_work_is_done_again()
    {
        var database = Open(Connect());
        var tries = 0;

        Proxy.LoseAnswerTo("INSERT");
        await database.WriteAsync(
            scope =>
            {
                tries++;
                return InsertAsync(scope, 1);
            },
            default);

        Assert.Equal(2, tries);
        Assert.Equal([1], await ItemsAsync());
    }

    [MariaDbTheory]
    [InlineData("ssl_disabled=true", true)]
    [InlineData("ssl_disabled=true", false)]
    [InlineData("ssl_mode=REQUIRED", true)]
    [InlineData("ssl_mode=REQUIRED", false)]
    public async Task More_dead_connections_than_there_are_tries_cost_no_error(string options, bool areReset)
    {
        var source = Connect(Crowded, options);
        var database = Open(source);
        await FillAsync(source, Crowded);

        if (areReset)
            Proxy.Cut();
        else
            Assert.Equal(Crowded, await KillAllAsync());
        Assert.Equal(1, await OneAsync(database));
        await FillAsync(source, Crowded);
        if (areReset)
            Proxy.Cut();
        else
            Assert.Equal(Crowded, await KillAllAsync());
        await database.WriteAsync(scope => InsertAsync(scope, 1), default);

        Assert.Equal([1], await ItemsAsync());
    }

    [MariaDbFact]
    public async Task Killing_every_connection_under_load_loses_nothing()
    {
        var database = Open(Connect(Crowded));
        var acknowledged = new ConcurrentBag<int>();
        var failures = new ConcurrentBag<Exception>();
        var next = 0;
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, Crowded).Select(writer => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var id = Interlocked.Increment(ref next);
                try
                {
                    await database.WriteAsync(scope => InsertAsync(scope, id), default, writer % 2 == 0 ? "row" : null);
                    acknowledged.Add(id);
                }
                catch (Exception e)
                {
                    failures.Add(e);
                }
            }
        })).ToArray();

        for (var round = 1; round <= 5; round++)
        {
            await ConditionAsync(() => acknowledged.Count >= round * 50);
            await KillAllAsync();
        }

        await ConditionAsync(() => acknowledged.Count >= 300);
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        // A commit that was on its way may have taken effect without being acknowledged; nothing else fails.
        Assert.All(failures, failure => Assert.True(failure is DbException known && MySqlDatabase.Dialect.IsTransient(known), failure.ToString()));
        Assert.Empty(acknowledged.Except(await ItemsAsync()));
    }

    [MariaDbFact]
    public async Task A_cancelled_statement_ends_at_once_and_takes_its_transaction_with_it()
    {
        var database = Open(Connect(maxConnections: 1));
        await OneAsync(database);
        var clock = Stopwatch.StartNew();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.WriteAsync(
            async scope =>
            {
                await InsertAsync(scope, 1);
                await scope.QueryAsync<int>("SELECT SLEEP(29)");
            },
            cancel.Token));

        Assert.Equal(1, await OneAsync(database));
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10));
        Assert.Empty(await ItemsAsync());
        Assert.Equal(0, await Direct.ReadAsync(
            scope => scope.FindAsync<long>("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(29)%'"), default));
    }

    [MariaDbFact]
    public async Task Cancellations_that_race_with_the_answer_never_hit_the_next_user()
    {
        var database = Open(Connect(maxConnections: 4));
        var outcomes = new int[2];
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) =>
        {
            using var cancel = new CancellationTokenSource();
            if (number % 2 == 0)
                cancel.CancelAfter(TimeSpan.FromMilliseconds(number % 5));
            try
            {
                Assert.Equal(number, await database.ReadAsync(scope => scope.FindAsync<int>("SELECT @number, SLEEP(0.002)", new { number }), cancel.Token));
                Interlocked.Increment(ref outcomes[0]);
            }
            catch (OperationCanceledException) when (number % 2 == 0)
            {
                Interlocked.Increment(ref outcomes[1]);
            }
        });

        Assert.Equal(200, outcomes.Sum());
        Assert.InRange(outcomes[1], 1, 100);
    }

    [MariaDbFact]
    public async Task Waiting_for_a_connection_ends_with_the_time_for_it()
    {
        var database = Open(Connect(maxConnections: 1, "ssl_disabled=true&connect_timeout=1"));
        using var barrier = new SemaphoreSlim(0);
        using var entered = new SemaphoreSlim(0);
        var holder = database.ReadAsync(
            async scope =>
            {
                entered.Release();
                await barrier.WaitAsync();
                return await scope.FindAsync<int>("SELECT 1");
            },
            default);
        await entered.WaitAsync();

        var failure = await Assert.ThrowsAnyAsync<DbException>(() => OneAsync(database));

        Assert.True(MySqlDatabase.Dialect.IsTransient(failure), failure.ToString());
        barrier.Release();
        Assert.Equal(1, await holder);
    }

    /// <summary>Opens so many connections at once, and returns them.</summary>
    private static async Task FillAsync(MySqlSource source, int count)
    {
        var connections = new List<DbConnection>();
        for (var number = 0; number < count; number++)
            connections.Add(await source.OpenConnectionAsync());
        foreach (var connection in connections)
            await connection.DisposeAsync();
    }

    private static Task<int> OneAsync(Database database) => database.ReadAsync(scope => scope.FindAsync<int>("SELECT 1"), default);

    private static async Task ConditionAsync(Func<bool> condition)
    {
        for (var clock = Stopwatch.StartNew(); !condition(); await Task.Delay(20))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(120), "The writers do not get on.");
    }
}
