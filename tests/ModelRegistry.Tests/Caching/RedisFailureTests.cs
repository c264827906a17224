using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelRegistry.Server.Caching;
using ModelRegistry.Server.Caching.Redis;
using StackExchange.Redis;
using Xunit;

namespace ModelRegistry.Tests.Caching;

/// <summary>What the client library throws, of whatever kind, is a cache that cannot be used and nothing more.</summary>
public sealed class RedisFailureTests
{
    public static TheoryData<Exception> Failures => new(
        new RedisCommandException("This operation is not available unless admin mode is enabled: INFO"),
        new RedisConnectionException(ConnectionFailureType.SocketFailure, CommandFlags.None, "gone"),
        new ObjectDisposedException("ConnectionMultiplexer"),
        new NotSupportedException("no such command"));

    [RedisTheory]
    [MemberData(nameof(Failures))]
    public async Task A_command_that_fails_in_any_way_is_not_done_and_ends_the_session(Exception failure)
    {
        await using var redis = await RedisServer.StartAsync();
        using var connection = new RedisConnection(RedisAddress.Parse($"redis://127.0.0.1:{redis.Port}/0"), NullLogger<RedisConnection>.Instance);
        await connection.VerifyAsync();
        var session = Assert.IsType<RedisSession>(connection.Session);

        Assert.False((await connection.TryAsync<RedisValue>(session, _ => throw failure)).IsDone);
        Assert.Null(connection.Session);

        await connection.VerifyAsync();
        session = Assert.IsType<RedisSession>(connection.Session);
        Assert.False((await connection.TryAsync(session, _ => Task.FromException<RedisValue>(failure))).IsDone);
        Assert.Null(connection.Session);
    }

    [Fact]
    public async Task A_step_of_the_coordinator_that_fails_in_any_way_is_reported_once_and_tried_again()
    {
        var log = new Reports();
        using var connection = new RedisConnection(RedisAddress.Parse("redis://127.0.0.1:9/0"), NullLogger<RedisConnection>.Instance);
        // Without a database every step is a NullReferenceException, which nobody expects.
        using var coordinator = new CacheCoordinator(new CacheTermsStore(null!), connection, TimeProvider.System, log);
        await coordinator.StartAsync(CancellationToken.None);

        for (var clock = Stopwatch.StartNew(); log.Count == 0; await Task.Delay(20))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "Nothing was reported.");
        await Task.Delay(CacheLease.Length);

        Assert.False(coordinator.ExecuteTask!.IsCompleted);
        Assert.Equal(1, log.Count);
        await coordinator.StopAsync(CancellationToken.None);
        Assert.True(coordinator.ExecuteTask.IsCompletedSuccessfully);
    }

    private sealed class Reports : ILogger<CacheCoordinator>
    {
        private int count;

        public int Count => Volatile.Read(ref count);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Interlocked.Increment(ref count);
        }
    }
}
