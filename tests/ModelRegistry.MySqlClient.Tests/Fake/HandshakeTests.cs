using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.Tests;
using Xunit;
using static ModelRegistry.MySqlClient.Tests.Fake.Packets;

namespace ModelRegistry.MySqlClient.Tests.Fake;

public sealed class HandshakeTests
{
    private const string Sha2 = "caching_sha2_password";
    private const string Native = "mysql_native_password";

    [Fact]
    public async Task Caching_sha2_takes_the_fast_path_when_the_server_knows_the_password() =>
        await FakeMySqlServer.RunAsync(
            async client =>
            {
                await client.SendAsync(Greeting(Sha2));
                AssertContains(CachingSha2Proof("secret", Nonce), await client.ReceiveAsync());
                await client.SendAsync([1, 3]);
                await client.AcceptAsync();
                await client.WaitForCloseAsync();
            },
            OpenAsync);

    [Fact]
    public async Task Caching_sha2_sends_the_password_itself_over_tls()
    {
        using var authority = TestCertificates.CreateAuthority();
        using var issued = TestCertificates.Issue(authority, "localhost");
        using var certificate = X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), null);
        byte[] password = [];
        await FakeMySqlServer.RunAsync(
            async client =>
            {
                await client.SendAsync(Greeting(Sha2, Modern | CapabilityFlags.Ssl));
                Assert.Equal(32, (await client.ReceiveAsync()).Length);
                await client.UseTlsAsync(certificate);
                await client.ReceiveAsync();
                await client.SendAsync([1, 4]);
                password = await client.ReceiveAsync();
                await client.AcceptAsync();
                await client.WaitForCloseAsync();
            },
            OpenAsync,
            "SslMode=Required");
        Assert.Equal("secret\0"u8, password);
    }

    [Fact]
    public async Task Caching_sha2_encrypts_the_password_for_the_servers_key_when_that_is_allowed()
    {
        using var key = RSA.Create(2048);
        byte[] password = [];
        await FakeMySqlServer.RunAsync(
            async client =>
            {
                await client.SendAsync(Greeting(Sha2));
                await client.ReceiveAsync();
                await client.SendAsync([1, 4]);
                Assert.Equal([2], await client.ReceiveAsync());
                await client.SendAsync([1, .. Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem())]);
                var masked = key.Decrypt(await client.ReceiveAsync(), RSAEncryptionPadding.OaepSHA1);
                password = [.. masked.Zip(Nonce, (a, b) => (byte)(a ^ b))];
                await client.AcceptAsync();
                await client.WaitForCloseAsync();
            },
            OpenAsync,
            "AllowPublicKeyRetrieval=true");
        Assert.Equal("secret\0"u8, password);
    }

    [Fact]
    public async Task Caching_sha2_asks_for_no_key_that_is_not_allowed()
    {
        var refusal = await FakeMySqlServer.RefusalAsync(async client =>
        {
            await client.SendAsync(Greeting(Sha2));
            await client.ReceiveAsync();
            await client.SendAsync([1, 4]);
        });
        Assert.Contains("AllowPublicKeyRetrieval", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no key")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    public async Task A_key_that_is_none_is_refused(string key) => await FakeMySqlServer.RefusalAsync(
        async client =>
        {
            await client.SendAsync(Greeting(Sha2));
            await client.ReceiveAsync();
            await client.SendAsync([1, 4]);
            await client.ReceiveAsync();
            await client.SendAsync([1, .. Encoding.ASCII.GetBytes(key)]);
        },
        "AllowPublicKeyRetrieval=true");

    [Theory]
    [InlineData(Native, false)]
    [InlineData("some_future_method", false)]
    [InlineData("", true)]
    public async Task The_server_may_switch_the_method(string announced, bool isOld) => await FakeMySqlServer.RunAsync(
        async client =>
        {
            await client.SendAsync(Greeting(announced, isOld ? Old : Modern));
            AssertContains([.. "me\0"u8], await client.ReceiveAsync());
            await client.SendAsync(Switch(Sha2, OtherNonce));
            Assert.Equal(CachingSha2Proof("secret", OtherNonce), await client.ReceiveAsync());
            await client.SendAsync([1, 3]);
            await client.AcceptAsync();
            await client.WaitForCloseAsync();
        },
        OpenAsync);

    [Fact]
    public async Task The_database_is_named_in_the_login() => await FakeMySqlServer.RunAsync(
        async client =>
        {
            await client.SendAsync(Greeting());
            AssertContains([.. "größe\0mysql_native_password\0"u8], await client.ReceiveAsync());
            await client.AcceptAsync();
            await client.WaitForCloseAsync();
        },
        OpenAsync,
        "Database=größe");

    [Fact]
    public async Task A_full_server_is_reported_by_its_number()
    {
        var refusal = await FakeMySqlServer.RefusalAsync(client => client.SendAsync([0xFF, 0x10, 0x04, .. "Too many connections"u8]));
        Assert.Equal((1040, "HY000", "Too many connections"), (refusal.Number, refusal.SqlState, refusal.Message));
        Assert.True(refusal.IsTransient);
    }

    public static TheoryData<string, byte[]> WrongGreetings() => new()
    {
        { "version", [9, .. "3.23\0"u8] },
        { "4.1", Greeting(capabilities: Old & ~CapabilityFlags.Protocol41) },
        { "challenge", Greeting()[..50] },
        { "packet", [10] },
        { "version", "SSH-2.0-OpenSSH"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(WrongGreetings), DisableDiscoveryEnumeration = true)]
    public async Task A_greeting_that_is_none_is_refused(string reason, byte[] greeting)
    {
        var refusal = await FakeMySqlServer.RefusalAsync(client => client.SendAsync(greeting));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Required")]
    [InlineData("VerifyFull")]
    public async Task Nothing_is_sent_in_the_clear_when_tls_is_required(string mode)
    {
        var received = 0;
        var refusal = await FakeMySqlServer.RefusalAsync(
            async client =>
            {
                await client.SendAsync(Greeting());
                await client.ReceiveAsync();
                received++;
            },
            $"SslMode={mode}");
        Assert.Contains("does not offer TLS", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, received);
    }

    [Fact]
    public async Task Data_that_came_before_tls_is_not_trusted()
    {
        using var authority = TestCertificates.CreateAuthority();
        using var issued = TestCertificates.Issue(authority, "localhost");
        using var certificate = X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), null);
        var refusal = await FakeMySqlServer.RefusalAsync(
            async client =>
            {
                await client.SendRawAsync([.. Framed(0, Greeting(Native, Modern | CapabilityFlags.Ssl)), .. Framed(2, Ok())]);
                await client.ReceiveAsync();
                await client.UseTlsAsync(certificate);
            },
            "SslMode=Required");
        Assert.Contains("before TLS", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_asks_on_and_on_is_left() => await FakeMySqlServer.RefusalAsync(async client =>
    {
        await client.SendAsync(Greeting());
        await client.ReceiveAsync();
        for (var round = 0; round < 100; round++)
        {
            await client.SendAsync(Switch(Native, OtherNonce));
            await client.ReceiveAsync();
        }
    });

    public static TheoryData<byte[]> WrongAnswers() => new([0xFE], [0x01], [0x01, 0x09], [0x42], [], [0xFF], [0xFE, 0x78, 0x00], Switch(Native, [1, 2, 3]));

    [Theory]
    [MemberData(nameof(WrongAnswers), DisableDiscoveryEnumeration = true)]
    public async Task An_answer_to_the_login_that_makes_no_sense_is_refused(byte[] answer) => await FakeMySqlServer.RefusalAsync(async client =>
    {
        await client.SendAsync(Greeting(Sha2));
        await client.ReceiveAsync();
        await client.SendAsync(answer);
    });

    [Fact]
    public async Task A_server_that_says_nothing_is_left_after_the_connection_timeout()
    {
        var refusal = await FakeMySqlServer.RefusalAsync(_ => Task.CompletedTask, "Connection Timeout=1");
        Assert.Contains("within 1 seconds", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opening_can_be_cancelled() => await FakeMySqlServer.RunAsync(
        client => client.WaitForCloseAsync(),
        async source =>
        {
            using var cancel = new CancellationTokenSource(100);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => source.OpenConnectionAsync(cancel.Token).AsTask());
        });

    private static async Task OpenAsync(MySqlDataSource source) => await (await source.OpenConnectionAsync()).DisposeAsync();

    private static void AssertContains(byte[] part, byte[] whole) => Assert.True(whole.AsSpan().IndexOf(part) >= 0);
}
