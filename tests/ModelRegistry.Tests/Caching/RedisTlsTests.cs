using System.Diagnostics;
using Xunit;

namespace ModelRegistry.Tests.Caching;

/// <summary>A Redis that speaks TLS alone and wants a password.</summary>
public sealed class RedisTlsTests
{
    private const string Password = "p@ss/wörd";

    [RedisFact]
    public async Task Tls_and_a_password_are_used()
    {
        await using var redis = await RedisServer.StartAsync(Password);
        await using var server = await StartedServer.StartAsync(options => options with { Cache = Address(redis, Password, redis.AuthorityFile) });
        Assert.Equal(200, await server.PostAsync("/api/2.0/mlflow/registered-models/create", """{"name": "kept"}"""));

        for (var clock = Stopwatch.StartNew(); !(await redis.CommandAsync("-n", "3", "--scan")).Contains(":default/kept", StringComparison.Ordinal); await Task.Delay(100))
        {
            Assert.Equal(200, (await server.GetAsync("/api/2.0/mlflow/registered-models/get?name=kept")).Status);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "Nothing was kept.");
        }
    }

    [RedisTheory]
    [InlineData("wrong", true)]
    [InlineData(Password, false)]
    public async Task A_wrong_password_or_an_unknown_authority_leave_the_cache_out(string password, bool hasAuthority)
    {
        await using var redis = await RedisServer.StartAsync(Password);
        await using var server = await ServerProcess.StartAsync(
            new ServerProcessOptions { Arguments = ["--cache", Address(redis, password, hasAuthority ? redis.AuthorityFile : null)] });
        for (var clock = Stopwatch.StartNew(); !server.Output.Contains("cannot be used", StringComparison.Ordinal); await Task.Delay(100))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), server.Output);

        using var client = new HttpClient { BaseAddress = server.Url };
        var caller = new Concurrency.Caller(client);
        Concurrency.Crowd.AssertAllOk(
            [await caller.PostAsync("registered-models/create", new { name = "m" }), await caller.SendAsync(HttpMethod.Get, "registered-models/get?name=m")]);
        Assert.Equal("", (await redis.CommandAsync("-n", "3", "--scan")).Trim());
        Assert.DoesNotContain(password, server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Uri.EscapeDataString(password), server.Output, StringComparison.Ordinal);
    }

    private static string Address(RedisServer redis, string password, string? authority) =>
        $"rediss://:{Uri.EscapeDataString(password)}@localhost:{redis.Port}/3{(authority is null ? "" : $"?ssl_ca={Uri.EscapeDataString(authority)}")}";
}
