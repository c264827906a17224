using System.Text;
using ModelRegistry.Server.Caching;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Caching;

/// <summary>The cache of a server that is alone with its database.</summary>
public sealed class MemoryCacheTests : IDisposable
{
    private readonly MemoryCache cache = new(100_000);
    private int loads;

    [Fact]
    public async Task An_answer_is_loaded_once_and_again_after_a_change()
    {
        await ReadAsync("a", "x");
        await ReadAsync("a", "x");
        Assert.Equal(1, loads);

        await cache.ForgetAsync(["a"]);
        await ReadAsync("a", "x");
        Assert.Equal(2, loads);

        await cache.ForgetAllAsync();
        await ReadAsync("a", "x");
        Assert.Equal(3, loads);
    }

    [Fact]
    public async Task What_was_loaded_before_a_change_is_not_kept_after_it()
    {
        await cache.GetAsync(
            new CacheKey("a", "x"),
            async _ =>
            {
                await cache.ForgetAsync(["a"]);
                return new LoadedAnswer("old"u8.ToArray(), true);
            },
            CancellationToken.None);

        Assert.Equal("a/x", await ReadAsync("a", "x"));
    }

    [Fact]
    public async Task What_may_not_be_kept_is_loaded_each_time()
    {
        for (var round = 0; round < 2; round++)
            await cache.GetAsync(new CacheKey("a", "x"), LoadAsync, CancellationToken.None);

        Task<LoadedAnswer> LoadAsync(CancellationToken cancellationToken)
        {
            loads++;
            return Task.FromResult(new LoadedAnswer([], MayBeKept: false));
        }

        Assert.Equal(2, loads);
    }

    [Fact]
    public async Task No_more_bytes_are_kept_than_allowed()
    {
        const int Size = 1000;
        var bodies = Enumerable.Range(0, 1000).Select(_ => (WeakReference<byte[]>?)null).ToList();
        for (var number = 0; number < bodies.Count; number++)
            bodies[number] = await AddAsync($"{number}", Size);

        // The cache makes room in the background.
        var kept = 0;
        await Wait.UntilAsync(
            () =>
            {
                GC.Collect();
                kept = bodies.Count(body => body!.TryGetTarget(out _));
                return kept <= 100_000 / Size;
            },
            () => $"{kept} are kept.");
        Assert.InRange(kept, 1, 100_000 / Size);
    }

    [Fact]
    public Task Moves_are_seen_at_once_on_a_server() => HammerAsync(options => options with { Cache = "memory" });

    [Fact]
    public Task Moves_are_seen_at_once_without_a_cache() => HammerAsync(options => options);

    public void Dispose() => cache.Dispose();

    private static async Task HammerAsync(Func<ServerOptions, ServerOptions> change)
    {
        await using var server = await StartedServer.StartAsync(change);
        await new AliasHammer(server.Client.BaseAddress!).RunAsync(150, () => Task.CompletedTask);
    }

    private async Task<WeakReference<byte[]>> AddAsync(string entry, int size)
    {
        var body = new byte[size];
        await cache.GetAsync(new CacheKey("big", entry), _ => Task.FromResult(new LoadedAnswer(body, true)), CancellationToken.None);
        return new WeakReference<byte[]>(body);
    }

    private async Task<string> ReadAsync(string group, string entry) => Encoding.UTF8.GetString(await cache.GetAsync(
        new CacheKey(group, entry),
        _ =>
        {
            loads++;
            return Task.FromResult(new LoadedAnswer(Encoding.UTF8.GetBytes($"{group}/{entry}"), true));
        },
        CancellationToken.None));
}
