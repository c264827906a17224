using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Webhooks;
using Xunit;

namespace ModelRegistry.Tests.Webhooks;

public sealed class SecretTests
{
    private const string Key = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";

    // The example of the format's own description, github.com/fernet/spec.
    private const string SpecToken = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";

    [Fact]
    public void A_token_of_the_specification_is_read() => Assert.Equal("hello", Fernet.TryParse(Key)!.TryDecrypt(SpecToken));

    [Fact]
    public void A_token_reads_back_only_unchanged_and_with_its_key()
    {
        var fernet = Fernet.TryParse(Key)!;

        var token = fernet.Encrypt("s3cret é", DateTimeOffset.UtcNow);

        Assert.Equal("s3cret é", fernet.TryDecrypt(token));
        Assert.StartsWith("gAAAAA", token, StringComparison.Ordinal);
        Assert.Null(Fernet.WithNewKey().TryDecrypt(token));
        Assert.Null(fernet.TryDecrypt(token[..40] + (token[40] == 'A' ? 'B' : 'A') + token[41..]));
        Assert.Null(fernet.TryDecrypt("not a token"));
        Assert.NotEqual(token, fernet.Encrypt("s3cret é", DateTimeOffset.UtcNow));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4")]
    [InlineData("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4AAAA=")]
    public async Task A_key_that_is_none_stops_the_start(string key)
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(
            () => StartedServer.StartAsync(options => options with { Webhooks = new WebhookOptions { SecretEncryptionKey = key } }));

        Assert.StartsWith("MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY is not a Fernet key", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_signature_is_that_of_mlflow() =>
        Assert.Equal(
            "v1,rV6sOSR2qMcRePqRPDdqYLaRBqs3P8jKH24CL9Mm/Qo=",
            WebhookSender.Sign("secret", "id-1", "1700000000", """{"a": "é"}"""));
}
