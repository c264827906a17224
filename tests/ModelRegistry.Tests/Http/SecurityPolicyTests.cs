using ModelRegistry.Server.Http.Security;
using Xunit;

namespace ModelRegistry.Tests.Http;

public sealed class SecurityPolicyTests
{
    private static readonly SecurityPolicy Default = new(null, [], "SAMEORIGIN");

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("localhost:5000", true)]
    [InlineData("127.0.0.1:1", true)]
    [InlineData("[::1]", true)]
    [InlineData("[::1]:80", true)]
    [InlineData("0.0.0.0:5000", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("192.168.0.7:5000", true)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.31.255.1:9", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("172.15.0.1", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("evil.example", false)]
    [InlineData("127.0.0.2", false)]
    [InlineData("", false)]
    public void Hosts_of_this_machine_and_of_private_networks_are_answered(string host, bool expected) =>
        Assert.Equal(expected, Default.IsHostAllowed(host));

    [Theory]
    [InlineData("models.example.com", true)]
    [InlineData("models.example.com:5000", false)]
    [InlineData("app-7.internal:80", true)]
    [InlineData("localhost", false)]
    public void A_list_of_hosts_replaces_the_default(string host, bool expected) =>
        Assert.Equal(expected, new SecurityPolicy(["models.example.com", "app-*.internal:*"], [], "DENY").IsHostAllowed(host));

    [Theory]
    [InlineData("http://localhost", true, false)]
    [InlineData("http://localhost:3000", true, false)]
    [InlineData("http://[::1]:3000", true, false)]
    [InlineData("https://localhost:3000", false, false)]
    [InlineData("http://localhost:3000\n", false, false)]
    [InlineData("http://localhost.evil.example", false, true)]
    [InlineData("http://evil.example", false, true)]
    [InlineData("null", false, true)]
    [InlineData("", false, false)]
    public void Origins_of_this_machine_may_read_and_write(string origin, bool mayRead, bool isWriteBlocked)
    {
        Assert.Equal(mayRead, Default.IsOriginAllowed(origin));
        Assert.Equal(isWriteBlocked, Default.IsWriteBlocked(origin));
    }

    [Fact]
    public void Listed_origins_are_added_and_a_wildcard_only_lifts_the_block()
    {
        var policy = new SecurityPolicy(null, ["https://app.example.com", "https://*.lab.example"], "SAMEORIGIN");

        Assert.True(policy.IsOriginAllowed("https://app.example.com"));
        Assert.False(policy.IsWriteBlocked("https://app.example.com"));
        Assert.False(policy.IsOriginAllowed("https://a.lab.example"));
        Assert.False(policy.IsWriteBlocked("https://a.lab.example"));
        Assert.True(policy.IsWriteBlocked("https://other.example"));
    }

    [Fact]
    public void A_star_allows_everything()
    {
        var policy = new SecurityPolicy(["*"], ["*"], "NONE");

        Assert.True(policy.IsHostAllowed("evil.example"));
        Assert.True(policy.IsOriginAllowed("http://evil.example"));
        Assert.False(policy.IsWriteBlocked("http://evil.example"));
        Assert.Null(policy.FrameOptions);
    }
}
