using ModelRegistry.Server;
using ModelRegistry.Server.Caching;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Caching;

/// <summary>What <c>--cache</c> may be.</summary>
public sealed class CacheAddressTests
{
    [Theory]
    [InlineData("none", "none")]
    [InlineData("Memory", "memory")]
    [InlineData("redis://cache", "redis://cache:6379/0")]
    [InlineData("redis://cache:7000/3", "redis://cache:7000/3")]
    [InlineData("redis://:se%40cret@cache", "redis://cache:6379/0")]
    [InlineData("rediss://default:secret@cache/1", "rediss://cache:6379/1")]
    public void It_is_shown_without_its_password(string text, string shown) => Assert.Equal(shown, CacheAddress.Parse(text).Display);

    [Fact]
    public void A_password_is_decoded() => Assert.Equal("se@c/ret", ((RedisAddress)CacheAddress.Parse("redis://:se%40c%2Fret@cache")).Password);

    [Theory]
    [InlineData("disk", "Use none, memory")]
    [InlineData("memcached://user:secret@host", "Use none, memory")]
    [InlineData("redis://", "is not a Redis URI")]
    [InlineData("redis://cache/first", "'first' is not a number")]
    [InlineData("redis://secret@cache", "only the default user's password")]
    [InlineData("redis://app:secret@cache", "only the default user's password")]
    [InlineData("redis://cache?timeout=3", "'timeout' is not supported")]
    [InlineData("redis://cache?ssl_ca=/none.pem", "needs rediss://")]
    [InlineData("rediss://cache?ssl_ca=/none.pem", "does not exist")]
    public void What_cannot_be_used_is_refused_with_a_hint(string text, string hint)
    {
        var refusal = Assert.Throws<StartupException>(() => CacheAddress.Parse(text));

        Assert.Contains(hint, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }
}
