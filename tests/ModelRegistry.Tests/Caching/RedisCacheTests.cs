using System.Diagnostics;
using ModelRegistry.Tests.Concurrency;
using Xunit;

namespace ModelRegistry.Tests.Caching;

/// <summary>Two replicas that share a Redis: what one has acknowledged, both give from then on, whatever happens to Redis.</summary>
[Trait("Database", "SQLite")]
public sealed class RedisCacheTests(CachedReplicas replicas) : IClassFixture<CachedReplicas>
{
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(100);

    [RedisFact]
    public async Task An_answer_is_kept_until_its_model_changes()
    {
        var (first, second) = (replicas.Crowd.At(0), replicas.Crowd.At(1));
        var name = await first.NewModelAsync(versions: 1);
        Crowd.AssertAllOk([await first.PostAsync("registered-models/alias", new { name, alias = "a", version = "1" })]);
        string[] reads = [$"registered-models/alias?name={name}&alias=a", $"model-versions/get?name={name}&version=1", $"registered-models/get?name={name}"];

        // On a machine so busy that a lease runs out, a read goes to the database; then it is tried again.
        string[] before;
        var attempt = 0;
        do
        {
            Assert.True(++attempt < 20, "Nothing was kept.");
            await UntilKeptAsync(name);
            before = await AllAsync(first, reads);
            await replicas.ExecuteAsync($"UPDATE model_versions SET description = 'unseen-{attempt}' WHERE name = '{name}'");
        }
        while (string.Concat(before) != string.Concat(await AllAsync(first, reads)) || string.Concat(before) != string.Concat(await AllAsync(second, reads)));

        Crowd.AssertAllOk([await second.PostAsync("registered-models/set-tag", new { name, key = "k", value = "v" })]);
        Assert.All(await AllAsync(first, reads), text => Assert.Contains($"unseen-{attempt}", text, StringComparison.Ordinal));
    }

    [RedisFact]
    public Task Moves_are_seen_at_once() => replicas.NewHammer().RunAsync(300, () => Task.CompletedTask);

    [RedisFact]
    public Task A_flushed_redis_is_not_noticed() => replicas.NewHammer().RunAsync(200, async () =>
    {
        for (var round = 0; round < 100; round++)
            await replicas.Redis.CommandAsync("FLUSHALL");
    });

    [RedisFact]
    public Task A_slow_redis_is_left_out() => replicas.NewHammer().RunAsync(100, async () =>
    {
        for (var round = 0; round < 5; round++)
        {
            await replicas.Redis.CommandAsync("CLIENT", "PAUSE", "400");
            await Task.Delay(600);
        }
    });

    [RedisFact]
    public Task A_redis_that_hangs_is_left_out() => replicas.NewHammer().RunAsync(100, async () =>
    {
        await replicas.Redis.FreezeAsync(TimeSpan.FromSeconds(3));
        await replicas.Redis.FreezeAsync(TimeSpan.FromSeconds(1));
    });

    [RedisFact]
    public Task A_redis_that_is_killed_and_comes_back_empty_is_left_out_meanwhile() => replicas.NewHammer().RunAsync(100, async () =>
    {
        await replicas.Redis.KillAsync();
        await Task.Delay(2000);
        await replicas.Redis.StartAgainAsync();
        await UntilKeptAsync(await replicas.Crowd.At(0).NewModelAsync());
    });

    [RedisFact]
    public async Task A_redis_that_comes_back_with_an_old_dump_is_not_believed()
    {
        var caller = replicas.Crowd.At(0);
        var name = await caller.NewModelAsync();
        await UntilKeptAsync(name);
        await replicas.Redis.CommandAsync("SAVE");
        Crowd.AssertAllOk([await caller.SendAsync(HttpMethod.Patch, "registered-models/update", new { name, description = "newer than the dump" })]);

        await replicas.Redis.KillAsync();
        await replicas.Redis.StartAgainAsync();
        Assert.Contains("answer:model", await replicas.Redis.CommandAsync("-n", "2", "HKEYS", await KeyAsync(name)), StringComparison.Ordinal);

        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(8); await Task.Delay(20))
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(at => replicas.Crowd.At(at).SendAsync(HttpMethod.Get, $"registered-models/get?name={name}")));
            Assert.All(answers, answer => Assert.Contains("newer than the dump", answer.Text, StringComparison.Ordinal));
        }
    }

    [RedisFact]
    public async Task A_replica_that_cannot_reach_redis_keeps_the_others_from_giving_old_answers()
    {
        const string Suspended = "The cache is suspended for all replicas";
        await UntilKeptAsync(await replicas.Crowd.At(0).NewModelAsync());
        var before = Count(replicas.Second.Output, Suspended);

        await replicas.NewHammer().RunAsync(100, async () =>
        {
            replicas.WayOfSecond.Cut();
            await Wait.UntilAsync(() => Count(replicas.Second.Output, Suspended) > before, () => $"Nothing was suspended.\n{replicas.Second.Output}");
            replicas.WayOfSecond.Mend();
            await UntilKeptAsync(await replicas.Crowd.At(0).NewModelAsync());
        });

        Assert.Contains("cannot be used", replicas.Second.Output, StringComparison.Ordinal);
        await UntilKeptAsync(await replicas.Crowd.At(1).NewModelAsync());
    }

    [RedisFact]
    public async Task A_name_that_the_database_takes_for_another_one_forgets_that_one()
    {
        var caller = replicas.Crowd.At(0);
        var name = await caller.NewModelAsync();
        await UntilKeptAsync(name);

        // MariaDB compares without trailing spaces.
        Crowd.AssertAllOk([await replicas.Crowd.At(1).SendAsync(HttpMethod.Patch, "registered-models/update", new { name = name + " ", description = "by another name" })]);

        var found = await caller.SendAsync(HttpMethod.Get, $"registered-models/get?name={name}");
        Assert.Equal("by another name", (string?)found.Json["registered_model"]!["description"]);
    }

    /// <summary>Returns when an answer about the model is in Redis: shortly after the start, or after a disturbance, none is.</summary>
    private async Task UntilKeptAsync(string name)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < RecoveryLimit; await Task.Delay(100))
        {
            Crowd.AssertAllOk([await replicas.Crowd.At(0).SendAsync(HttpMethod.Get, $"registered-models/get?name={name}")]);
            var key = await KeyAsync(name);
            if (key.Length > 0 && (await replicas.Redis.CommandAsync("-n", "2", "HKEYS", key)).Contains("answer:", StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"Nothing was kept.\n{replicas.First.Output}");
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private async Task<string> KeyAsync(string name) =>
        (await replicas.Redis.CommandAsync("-n", "2", "--scan", "--pattern", $"modelregistry:*:default/{name}")).Trim();

    private static async Task<string[]> AllAsync(Caller caller, string[] reads)
    {
        var answers = await Task.WhenAll(reads.Select(read => caller.SendAsync(HttpMethod.Get, read)));
        Crowd.AssertAllOk(answers);
        return [.. answers.Select(answer => answer.Text)];
    }
}
