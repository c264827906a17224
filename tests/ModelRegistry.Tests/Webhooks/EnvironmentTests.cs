using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>What MLflow's environment variables, and OpenSSL's, do to a server that is started as users start it.</summary>
public sealed class EnvironmentTests : IDisposable
{
    private const string AllowPrivate = "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS";
    private const string Schemes = "MLFLOW_WEBHOOK_ALLOWED_SCHEMES";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Without_variables_only_https_to_public_addresses_is_allowed()
    {
        await using var server = await StartAsync();
        await using var calls = WebhookServer.Of(server);

        Assert.Equal(
            "Invalid webhook URL scheme: 'http'. Allowed schemes are: https.",
            await calls.RefusalAsync(HttpMethod.Post, "webhooks", WebhookServer.Definition("http://127.0.0.1:9/hook")));
        Assert.Equal(
            "Webhook URL must not resolve to a non-public IP address. '127.0.0.1' resolves to 127.0.0.1.",
            await calls.RefusalAsync(HttpMethod.Post, "webhooks", WebhookServer.Definition("https://127.0.0.1:9/hook")));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("1")]
    public async Task Private_addresses_and_schemes_are_allowed_by_variables(string yes)
    {
        using var receiver = WebhookReceiver.Start();
        await using var server = await StartAsync((AllowPrivate, yes), (Schemes, "http"));
        await using var calls = WebhookServer.Of(server);

        await calls.RegisterAsync(receiver.Url);
        await calls.CreateModelAsync("m");

        Assert.Equal("m", (await receiver.WaitAsync(1))[0].Model);
        Assert.Equal(
            "Invalid webhook URL scheme: 'https'. Allowed schemes are: http.",
            await calls.RefusalAsync(HttpMethod.Post, "webhooks", WebhookServer.Definition("https://127.0.0.1:9/hook")));
    }

    [Fact]
    public async Task Retries_and_the_time_of_an_attempt_are_limited_by_variables()
    {
        using var receiver = WebhookReceiver.Start(hangs: () => true);
        await using var server = await StartAsync(
            (AllowPrivate, "true"), (Schemes, "http,https"), ("MLFLOW_WEBHOOK_REQUEST_TIMEOUT", "1"), ("MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES", "1"));
        await using var calls = WebhookServer.Of(server);
        var id = await calls.RegisterAsync(receiver.Url);

        await calls.CreateModelAsync("m");

        var dead = await calls.WaitForStateAsync(id, "DEAD");
        Assert.Equal((2, "No answer within 1 s."), ((int)dead["attempts"]!, (string?)dead["error_message"]));
        Assert.Equal(2, receiver.Received.Count);
    }

    [Fact]
    public async Task Changes_of_webhooks_hold_at_once_however_long_mlflow_would_keep_them()
    {
        using var before = WebhookReceiver.Start();
        using var after = WebhookReceiver.Start();
        await using var server = await StartAsync((AllowPrivate, "true"), (Schemes, "http"), ("MLFLOW_WEBHOOK_CACHE_TTL", "3600"));
        await using var calls = WebhookServer.Of(server);
        var id = await calls.RegisterAsync(before.Url);
        await calls.CreateModelAsync("before");
        await before.WaitAsync(1);

        await calls.SendAsync(HttpMethod.Patch, $"webhooks/{id}", new { url = after.Url });
        await calls.CreateModelAsync("after");

        Assert.Equal("after", (await after.WaitAsync(1))[0].Model);
        Assert.Single(before.Received);
    }

    [Fact]
    public async Task A_key_that_is_none_stops_the_start()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(("MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY", "secret")));

        Assert.Contains("MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY is not a Fernet key", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_https_receiver_whose_authority_the_machine_trusts_gets_its_events()
    {
        using var authority = TestCertificates.CreateAuthority();
        using var certificate = TestCertificates.Issue(authority, "localhost");
        using var receiver = WebhookReceiver.Start(certificate: certificate);
        await using var server = await StartAsync((AllowPrivate, "true"), ("SSL_CERT_FILE", Write(authority)));
        await using var calls = WebhookServer.Of(server);
        var id = await calls.RegisterAsync(receiver.Url);

        await calls.CreateModelAsync("m");

        Assert.Equal(200, (int)(await calls.WaitForStateAsync(id, "DELIVERED"))["response_status"]!);
        Assert.Equal("m", receiver.Received[0].Model);
    }

    [Theory]
    [InlineData("localhost", false)]
    [InlineData("other.example", true)]
    public async Task An_https_receiver_of_an_unknown_authority_or_of_another_name_gets_nothing(string name, bool isTrusted)
    {
        using var authority = TestCertificates.CreateAuthority();
        using var other = TestCertificates.CreateAuthority();
        using var certificate = TestCertificates.Issue(authority, name);
        using var receiver = WebhookReceiver.Start(certificate: certificate);
        await using var server = await StartAsync(
            (AllowPrivate, "true"), ("MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES", "0"), ("SSL_CERT_FILE", Write(isTrusted ? authority : other)));
        await using var calls = WebhookServer.Of(server);
        var id = await calls.RegisterAsync(receiver.Url);

        await calls.CreateModelAsync("m");

        Assert.StartsWith("TLS failed: ", (string?)(await calls.WaitForStateAsync(id, "DEAD"))["error_message"], StringComparison.Ordinal);
        Assert.Empty(receiver.Received);
    }

    private string Write(X509Certificate2 authority)
    {
        var path = Path.Combine(folder.FullName, "authority.pem");
        File.WriteAllText(path, authority.ExportCertificatePem());
        return path;
    }

    private static Task<ServerProcess> StartAsync(params (string Name, string Value)[] variables) => ServerProcess.StartAsync(
        new ServerProcessOptions { DeliverWebhooks = true, Environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value) });
}
