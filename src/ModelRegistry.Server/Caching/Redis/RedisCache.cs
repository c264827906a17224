using StackExchange.Redis;

namespace ModelRegistry.Server.Caching.Redis;

/// <summary>
/// Keeps answers in a Redis that all replicas share. A group is one hash: how many changes of it are on their way, its generation, and its
/// answers. Whatever Redis does, a read falls back to the database, and a change is acknowledged only when no replica can give an answer
/// from before it (<see cref="CacheCoordinator"/>).
/// </summary>
internal sealed class RedisCache(RedisConnection redis, CacheCoordinator coordinator) : ICache
{
    private const int MaxBodyBytes = 1 << 20;

    private static readonly RedisValue Changes = "changes";
    private static readonly RedisValue Generation = "generation";

    // A change that never ends, because its replica died, keeps its group out of the cache for this long.
    private const int ChangeMilliseconds = 30_000;
    private const int AnswerMilliseconds = 600_000;

    /// <summary>KEYS: the group. One more change is on its way, and nothing is kept any more.</summary>
    private const string Announce =
        """
        local changes = tonumber(redis.call('HGET', KEYS[1], 'changes') or '0') + 1
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'changes', changes)
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        return 1
        """;

    /// <summary>KEYS: the group. One change less is on its way, and nothing is kept any more.</summary>
    private const string Forget =
        """
        local changes = tonumber(redis.call('HGET', KEYS[1], 'changes') or '0') - 1
        redis.call('DEL', KEYS[1])
        if changes > 0 then
            redis.call('HSET', KEYS[1], 'changes', changes)
            redis.call('PEXPIRE', KEYS[1], ARGV[1])
        end
        return 1
        """;

    /// <summary>KEYS: the group. ARGV: a new generation, the epoch it has to be of, milliseconds. Gives the generation, old or new; nil during a change.</summary>
    private const string Begin =
        """
        if redis.call('HEXISTS', KEYS[1], 'changes') == 1 then return nil end
        local found = redis.call('HGET', KEYS[1], 'generation')
        if found and string.sub(found, 1, #ARGV[2]) == ARGV[2] then return found end
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'generation', ARGV[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return ARGV[1]
        """;

    /// <summary>KEYS: the group. ARGV: the generation under which it was loaded, the field, the answer, the greatest number of fields.</summary>
    private const string Keep =
        """
        if redis.call('HGET', KEYS[1], 'generation') ~= ARGV[1] then return 0 end
        if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
        return redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
        """;

    private const int MaxFields = 1000;

    public bool IsOn => true;

    public async ValueTask<byte[]> GetAsync(CacheKey key, Func<CancellationToken, Task<LoadedAnswer>> load, CancellationToken cancellationToken)
    {
        if (coordinator.Current is not { } lease)
            return await BypassAsync(load, cancellationToken);
        var group = KeyOf(lease, key.Group);
        var field = (RedisValue)$"answer:{key.Entry}";
        var (isDone, found) = await redis.TryAsync(lease.Session, database => database.HashGetAsync(group, [Changes, Generation, field]));
        if (!isDone || !lease.IsValid || !found![0].IsNull)
            return await BypassAsync(load, cancellationToken);

        var generation = (string?)found[1];
        if (generation?.StartsWith(lease.Terms.Epoch, StringComparison.Ordinal) != true)
            generation = await BeginAsync(lease, group);
        else if (!found[2].IsNull)
        {
            CacheMetrics.Hit();
            return found[2]!;
        }

        CacheMetrics.Miss();
        var (body, mayBeKept) = await load(cancellationToken);
        if (mayBeKept && generation is not null && body.Length <= MaxBodyBytes)
            _ = KeepAsync(lease, group, generation, field, body);
        return body;
    }

    public Task AnnounceAsync(IReadOnlyCollection<string> groups) => ChangeAsync(Announce, groups);

    public Task ForgetAsync(IReadOnlyCollection<string> groups) => ChangeAsync(Forget, groups);

    public Task ForgetAllAsync() => coordinator.SettleAsync(_ => Task.FromResult(false));

    private static async Task<byte[]> BypassAsync(Func<CancellationToken, Task<LoadedAnswer>> load, CancellationToken cancellationToken)
    {
        CacheMetrics.Bypass();
        return (await load(cancellationToken)).Body;
    }

    private async Task ChangeAsync(string script, IReadOnlyCollection<string> groups)
    {
        if (coordinator.Current is { } lease && await TryAsync(lease) && lease.IsValid)
            return;
        await coordinator.SettleAsync(TryAsync);

        async Task<bool> TryAsync(CacheLease under)
        {
            foreach (var group in groups)
            {
                if (!(await EvaluateAsync(under, script, KeyOf(under, group), ChangeMilliseconds)).IsDone)
                    return false;
            }

            return true;
        }
    }

    private async Task<string?> BeginAsync(CacheLease lease, RedisKey group)
    {
        var generation = $"{lease.Terms.Epoch}/{Guid.NewGuid():N}";
        var (isDone, found) = await EvaluateAsync(lease, Begin, group, generation, lease.Terms.Epoch, AnswerMilliseconds);
        return isDone && !found!.IsNull ? (string?)found : null;
    }

    /// <summary>Nobody waits for it: when it fails the answer is not kept, and the failure is counted.</summary>
    private async Task KeepAsync(CacheLease lease, RedisKey group, string generation, RedisValue field, byte[] body) =>
        await EvaluateAsync(lease, Keep, group, generation, field, body, MaxFields);

    private ValueTask<(bool IsDone, RedisResult? Value)> EvaluateAsync(CacheLease lease, string script, RedisKey group, params RedisValue[] arguments) =>
        redis.TryAsync(lease.Session, database => database.ExecuteAsync("EVAL", [script, 1, group, .. arguments.Cast<object>()]));

    private static RedisKey KeyOf(CacheLease lease, string group) => $"modelregistry:{lease.Terms.Installation}:{group}";
}
