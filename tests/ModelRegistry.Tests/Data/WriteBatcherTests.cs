using Microsoft.Data.Sqlite;
using ModelRegistry.Server.Data;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>Writes that arrive while one is under way, on SQLite, where all wait for one writer.</summary>
public sealed class WriteBatcherTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");
    private Database database = null!;

    public async Task InitializeAsync()
    {
        database = Open(Path.Combine(folder.FullName, "test.db"));
        await database.WriteAsync(scope => scope.ExecuteAsync("CREATE TABLE parents (id INTEGER PRIMARY KEY)"), CancellationToken.None);
        await database.WriteAsync(
            scope => scope.ExecuteAsync("CREATE TABLE items (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id))"), CancellationToken.None);
    }

    public Task DisposeAsync()
    {
        database.Dispose();
        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
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
        Assert.True(Sqlite.Dialect.IsUniqueViolation(await Assert.ThrowsAsync<SqliteException>(() => writes[3])));
        Assert.Equal([1, 3, 4], await IdsAsync());
    }

    [Fact]
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
        await writes[1];
        Assert.Equal([2], await IdsAsync());
    }

    [Fact]
    public async Task A_refused_commit_fails_every_member_and_leaves_nothing()
    {
        var told = 0;
        var writes = await RunTogetherAsync(
            scope =>
            {
                scope.AfterCommit(() => told++);
                return InsertAsync(scope, 1);
            },
            async scope =>
            {
                await scope.ExecuteAsync("PRAGMA defer_foreign_keys = ON");
                await scope.ExecuteAsync("INSERT INTO items (id, parent) VALUES (2, 99)");
            });

        foreach (var write in writes)
            Assert.True(Sqlite.Dialect.IsForeignKeyViolation(await Assert.ThrowsAsync<SqliteException>(() => write)));
        Assert.Empty(await IdsAsync());
        Assert.Equal(0, told);

        await database.WriteAsync(scope => InsertAsync(scope, 3), CancellationToken.None);
        Assert.Equal([3], await IdsAsync());
    }

    [Fact]
    public async Task When_the_database_undoes_the_whole_transaction_every_member_hears_why()
    {
        var writes = await RunTogetherAsync(
            scope => InsertAsync(scope, 1),
            async scope =>
            {
                await scope.ExecuteAsync("ROLLBACK");
                throw new InvalidOperationException("the disk is full");
            },
            scope => InsertAsync(scope, 2));

        await Assert.ThrowsAsync<InvalidOperationException>(() => writes[0]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => writes[1]);
        await writes[2];
        Assert.Equal([2], await IdsAsync());
    }

    [Fact]
    public async Task Nobody_is_told_and_nothing_is_seen_before_the_commit()
    {
        var isTold = false;
        var hold = new TaskCompletionSource();
        var first = database.WriteAsync(
            scope =>
            {
                scope.AfterCommit(() => isTold = true);
                return InsertAsync(scope, 1);
            },
            CancellationToken.None);
        await first;
        Assert.True(isTold);

        var second = database.WriteAsync(
            async scope =>
            {
                await InsertAsync(scope, 2);
                await hold.Task;
            },
            CancellationToken.None);
        var third = database.WriteAsync(scope => InsertAsync(scope, 3), CancellationToken.None);
        Assert.Equal([1], await IdsAsync());
        Assert.False(second.IsCompleted || third.IsCompleted);

        hold.SetResult();
        await Task.WhenAll(second, third);
        Assert.Equal([1, 2, 3], await IdsAsync());
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_disturb_the_others()
    {
        using var gone = new CancellationTokenSource();
        var hold = new TaskCompletionSource();
        var first = database.WriteAsync(
            async scope =>
            {
                await InsertAsync(scope, 1);
                await hold.Task;
            },
            CancellationToken.None);
        var abandoned = database.WriteAsync(scope => InsertAsync(scope, 2), gone.Token);
        var third = database.WriteAsync(scope => InsertAsync(scope, 3), CancellationToken.None);
        await gone.CancelAsync();
        hold.SetResult();

        await Task.WhenAll(first, third);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
        Assert.Equal([1, 3], await IdsAsync());
    }

    [Fact]
    public async Task Many_writers_at_once_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(1, 500).Select(id => Task.Run(() => database.WriteAsync(scope => InsertAsync(scope, id), CancellationToken.None))));

        Assert.Equal(Enumerable.Range(1, 500).Select(id => (long)id), await IdsAsync());
    }

    /// <summary>Has all of <paramref name="works"/> queued before the first one goes on; returns when all have an answer.</summary>
    private async Task<Task[]> RunTogetherAsync(params Func<SqlScope, Task>[] works)
    {
        var start = new TaskCompletionSource();
        Task[] writes =
        [
            .. works.Select((work, index) => database.WriteAsync(
                async scope =>
                {
                    if (index == 0)
                        await start.Task;
                    await work(scope);
                },
                CancellationToken.None)),
        ];
        start.SetResult();
        await Task.WhenAll(writes.Select(write => write.ContinueWith(_ => { }, TaskScheduler.Default)));
        return writes;
    }

    private static Task<int> InsertAsync(SqlScope scope, long id) => scope.ExecuteAsync("INSERT INTO items (id) VALUES (@id)", new { id });

    private static Database Open(string path)
    {
        var (readers, writer) = Sqlite.Open(path, 4);
        return new Database(readers, writer, Sqlite.Dialect);
    }

    private Task<List<long>> IdsAsync() =>
        database.ReadAsync(scope => scope.QueryAsync<long>("SELECT id FROM items ORDER BY id"), CancellationToken.None);
}
