using System.Data.Common;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Data.MySql;
using MySqlConnector;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>Writes of one row that arrive while one is under way, on MariaDB.</summary>
public sealed class WriteBatcherMariaDbTests : IAsyncLifetime
{
    private const string Row = "run/1";

    private readonly string name = $"queue_{Guid.NewGuid():N}";
    private Database database = null!;
    private WriteBatcher batcher = null!;

    public async Task InitializeAsync()
    {
        if (MariaDbServer.SkipReason is not null)
            return;
        var server = await TestDatabase.SharedMariaDbAsync();
        await using (var admin = new MySqlDataSource(server.ConnectionString))
        await using (var connection = await admin.OpenConnectionAsync())
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = $"CREATE DATABASE {name}; CREATE TABLE {name}.items (id INT PRIMARY KEY) ENGINE = InnoDB";
            await command.ExecuteNonQueryAsync();
        }

        var source = new MySqlSource(MySqlAddress.Parse($"mysql://root@127.0.0.1:{server.Port}/{name}"), 8);
        database = Open(source);

        // On a slow machine as well, those who wait get into the transaction.
        batcher = new WriteBatcher(source, MySqlDatabase.Dialect, TimeSpan.FromMinutes(1));
    }

    public async Task DisposeAsync()
    {
        if (database is null)
            return;
        await database.ReadAsync(scope => scope.ExecuteAsync($"DROP DATABASE {name}"), default);
        database.Dispose();
    }

    [MariaDbFact]
    public async Task They_share_a_transaction_and_each_gets_its_own_answer()
    {
        var told = 0;
        var (seenInside, seenOutside) = (0, -1);
        var writes = await RunTogetherAsync([.. Enumerable.Range(1, 9).Select(id => (Func<SqlScope, Task>)(async scope =>
        {
            scope.AfterCommit(() => Interlocked.Increment(ref told));
            await InsertAsync(scope, id);
            if (id == 9)
                (seenInside, seenOutside) = ((await ReadIdsAsync(scope)).Count, (await IdsAsync()).Count);
        }))]);

        Assert.Equal(Enumerable.Range(1, 9), await Task.WhenAll(writes));
        Assert.Equal(Enumerable.Range(1, 9), await IdsAsync());
        Assert.Equal((9, 0), (seenInside, seenOutside));
        Assert.Equal(9, told);
    }

    [MariaDbFact]
    public async Task A_failed_write_takes_nothing_of_the_others_with_it()
    {
        var writes = await RunTogetherAsync(
            scope => InsertAsync(scope, 1),
            async scope =>
            {
                await InsertAsync(scope, 2);
                throw new InvalidOperationException("refused");
            },
            scope => InsertAsync(scope, 3),
            scope => InsertAsync(scope, 1),
            scope => InsertAsync(scope, 4));

        await Assert.ThrowsAsync<InvalidOperationException>(() => writes[1]);
        Assert.True(MySqlDatabase.Dialect.IsUniqueViolation(await Assert.ThrowsAsync<MySqlException>(() => writes[3])));
        Assert.Equal(9, (await Task.WhenAll(writes[0], writes[2], writes[4])).Sum());
        Assert.Equal([1, 3, 4], await IdsAsync());
    }

    [MariaDbFact]
    public async Task What_is_sent_together_fails_together_and_alone()
    {
        var writes = await RunTogetherAsync(
            scope => InsertAsync(scope, 1),
            scope => scope.InsertAsync(new Insertion("items", ["id"], [[2]]), new Insertion("items", ["id"], [[1]])),
            scope => scope.InsertAsync(new Insertion("items", ["id"], [[3]]), new Insertion("items", ["id"], [[4]], MySqlDatabase.Dialect.OnConflictNothing("id"))));

        Assert.True(MySqlDatabase.Dialect.IsUniqueViolation(await Assert.ThrowsAsync<MySqlException>(() => writes[1])));
        Assert.Equal(4, (await Task.WhenAll(writes[0], writes[2])).Sum());
        Assert.Equal([1, 3, 4], await IdsAsync());
    }

    [MariaDbFact]
    public async Task A_change_and_what_is_asked_after_it_travel_together()
    {
        await database.WriteAsync(
            async scope =>
            {
                await using var results = scope.ExecuteThenQueryBatch("INSERT INTO items (id) VALUES (@a)", new { a = 7, b = 8 }, "SELECT id FROM items", "SELECT @b");
                Assert.Equal([7], await results.ReadAsync<int>());
                Assert.Equal([8], await results.ReadAsync<int>());
                await InsertAsync(scope, 9);
            },
            default);

        Assert.Equal([7, 9], await IdsAsync());
    }

    [MariaDbFact]
    public async Task The_first_of_a_group_fails_alone()
    {
        var writes = await RunTogetherAsync(
            async scope =>
            {
                await InsertAsync(scope, 1);
                throw new InvalidOperationException("refused");
            },
            scope => InsertAsync(scope, 2));

        await Assert.ThrowsAsync<InvalidOperationException>(() => writes[0]);
        Assert.Equal(2, await writes[1]);
        Assert.Equal([2], await IdsAsync());
    }

    [MariaDbFact]
    public Task After_a_conflict_each_is_done_in_a_transaction_of_its_own() => AllAreDoneAsync(async scope =>
        throw new WriteConflictException(await Assert.ThrowsAsync<MySqlException>(() => InsertAsync(scope, 2))));

    [MariaDbFact]
    public Task A_connection_lost_on_the_way_loses_nothing() =>
        AllAreDoneAsync(scope => scope.ExecuteAsync("DO 1 + (SELECT COUNT(*) FROM items); KILL CONNECTION_ID()"));

    [MariaDbFact]
    public async Task Who_gives_up_waiting_is_left_out()
    {
        using var gaveUp = new CancellationTokenSource();
        using var barrier = new SemaphoreSlim(0);
        var first = WriteAsync(1, async scope =>
        {
            await InsertAsync(scope, 1);
            await barrier.WaitAsync();
        });
        var second = batcher.WriteAsync(Row, scope => InsertAsync(scope, 2), () => throw new InvalidOperationException("not alone"), null, gaveUp.Token);
        var third = WriteAsync(3, scope => InsertAsync(scope, 3));
        await gaveUp.CancelAsync();
        barrier.Release();

        await Task.WhenAll(first, third);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal([1, 3], await IdsAsync());
    }

    [MariaDbFact]
    public async Task Other_rows_do_not_wait()
    {
        using var barrier = new SemaphoreSlim(0);
        var slow = WriteAsync(1, async scope =>
        {
            await InsertAsync(scope, 1);
            await barrier.WaitAsync();
        });

        await batcher.WriteAsync("run/2", scope => InsertAsync(scope, 2), () => throw new InvalidOperationException("not alone"), null, default);
        Assert.Equal([2], await IdsAsync());
        barrier.Release();
        await slow;
        Assert.Equal([1, 2], await IdsAsync());
    }

    /// <summary>Three writes together, of which the second meets with trouble when it is done first.</summary>
    private async Task AllAreDoneAsync(Func<SqlScope, Task> trouble)
    {
        var isFirst = true;
        var writes = await RunTogetherAsync(
            scope => InsertAsync(scope, 1),
            async scope =>
            {
                await InsertAsync(scope, 2);
                if (isFirst)
                {
                    isFirst = false;
                    await trouble(scope);
                }
            },
            scope => InsertAsync(scope, 3));

        Assert.Equal(6, (await Task.WhenAll(writes)).Sum());
        Assert.Equal([1, 2, 3], await IdsAsync());
    }

    /// <summary>Starts all writes while the first is under way; each answers with its number, from 1.</summary>
    private async Task<Task<int>[]> RunTogetherAsync(params Func<SqlScope, Task>[] works)
    {
        using var barrier = new SemaphoreSlim(0);
        var isHeld = true;
        var writes = works.Select((work, index) => WriteAsync(index + 1, async scope =>
        {
            if (index == 0 && isHeld)
            {
                await barrier.WaitAsync();
                isHeld = false;
            }

            await work(scope);
        })).ToArray();
        barrier.Release();
        await Task.WhenAny(Task.WhenAll(writes));
        return writes;
    }

    private static Database Open(DbDataSource source) => new(source, source, MySqlDatabase.Dialect);

    private Task<int> WriteAsync(int answer, Func<SqlScope, Task> work)
    {
        return batcher.WriteAsync(Row, AnswerAsync, () => database.WriteAsync(AnswerAsync, default), null, default);

        async Task<int> AnswerAsync(SqlScope scope)
        {
            await work(scope);
            return answer;
        }
    }

    private static Task<int> InsertAsync(SqlScope scope, int id) => scope.ExecuteAsync("INSERT INTO items (id) VALUES (@id)", new { id });

    private static Task<List<int>> ReadIdsAsync(SqlScope scope) => scope.QueryAsync<int>("SELECT id FROM items ORDER BY id");

    private Task<List<int>> IdsAsync() => database.ReadAsync(ReadIdsAsync, default);
}
