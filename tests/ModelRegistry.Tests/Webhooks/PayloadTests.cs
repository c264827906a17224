using System.Text.RegularExpressions;
using ModelRegistry.Server.Webhooks;
using WireMock;
using WireMock.Types;
using WireMock.Util;
using Xunit;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>What receivers get: headers, signature and the exact text of each event.</summary>
public sealed partial class PayloadTests
{
    [Fact]
    public async Task A_delivery_has_the_headers_and_the_signature_of_mlflow()
    {
        using var receiver = WebhookReceiver.Start();
        await using var server = await WebhookServer.StartAsync();
        await server.RegisterAsync(receiver.Url, "s3cret");

        await server.CreateModelAsync("signed");

        var delivery = (await receiver.WaitAsync(1))[0];
        Assert.Equal(("POST", "/hook", "application/json"), (delivery.Method, delivery.Path, delivery.Headers["Content-Type"]));
        Assert.True(Guid.TryParse(delivery.Id, out _));
        var timestamp = delivery.Headers["X-MLflow-Timestamp"];
        Assert.InRange(long.Parse(timestamp, System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Assert.Equal(WebhookSender.Sign("s3cret", delivery.Id, timestamp, delivery.Body), delivery.Headers["X-MLflow-Signature"]);
        Assert.DoesNotContain("X-ModelRegistry-Attempt", delivery.Headers.Keys);
    }

    [Fact]
    public async Task A_webhook_without_a_secret_signs_nothing()
    {
        using var receiver = WebhookReceiver.Start();
        await using var server = await WebhookServer.StartAsync();
        await server.RegisterAsync(receiver.Url);

        await server.CreateModelAsync("plain");

        Assert.DoesNotContain("X-MLflow-Signature", (await receiver.WaitAsync(1))[0].Headers.Keys);
    }

    [Fact]
    public async Task Name_and_password_in_the_url_become_a_header()
    {
        using var receiver = WebhookReceiver.Start();
        await using var server = await WebhookServer.StartAsync();
        await server.RegisterAsync(receiver.Url.Replace("//", "//user:p%40ss@", StringComparison.Ordinal));

        await server.CreateModelAsync("m");

        var headers = (await receiver.WaitAsync(1))[0].Headers;
        Assert.Equal($"Basic {Convert.ToBase64String("user:p@ss"u8)}", headers["Authorization"]);
        Assert.Equal(
            ["Authorization", "Content-Length", "Content-Type", "Host", "User-Agent", "X-MLflow-Delivery-Id", "X-MLflow-Timestamp"],
            headers.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Changes_of_a_model_are_told_in_the_words_of_mlflow()
    {
        using var receiver = WebhookReceiver.Start();
        await using var server = await WebhookServer.StartAsync();
        await server.RegisterAsync(receiver.Url);

        await server.PostAsync("registered-models/create", new { name = "m", tags = new[] { new { key = "k", value = "é" } } });
        await server.PostAsync("model-versions/create", new { name = "m", source = "s3://b/p", description = "d", tags = new[] { new { key = "a", value = "b" } } });
        await server.PostAsync("registered-models/set-tag", new { name = "m", key = "not", value = "told" });
        await server.PostAsync("model-versions/set-tag", new { name = "m", version = "1", key = "x", value = "y" });
        await server.SendAsync(HttpMethod.Delete, "model-versions/delete-tag", new { name = "m", version = "1", key = "x" });
        await server.PostAsync("registered-models/alias", new { name = "m", alias = "prod", version = "1" });
        await server.SendAsync(HttpMethod.Delete, "registered-models/alias", new { name = "m", alias = "prod" });
        await server.SendAsync(HttpMethod.Delete, "registered-models/delete", new { name = "m" });

        var bodies = (await receiver.WaitAsync(6)).Select(delivery => Timestamp().Replace(delivery.Body, "T"));
        Assert.Equal(
            [
                """{"entity": "registered_model", "action": "created", "timestamp": "T", "data": {"name": "m", "tags": {"k": "\u00e9"}, "description": ""}}""",
                """{"entity": "model_version", "action": "created", "timestamp": "T", "data": {"name": "m", "version": "1", "source": "s3://b/p", "run_id": null, "tags": {"a": "b"}, "description": "d"}}""",
                """{"entity": "model_version_tag", "action": "set", "timestamp": "T", "data": {"name": "m", "version": "1", "key": "x", "value": "y"}}""",
                """{"entity": "model_version_tag", "action": "deleted", "timestamp": "T", "data": {"name": "m", "version": "1", "key": "x"}}""",
                """{"entity": "model_version_alias", "action": "created", "timestamp": "T", "data": {"name": "m", "alias": "prod", "version": "1"}}""",
                """{"entity": "model_version_alias", "action": "deleted", "timestamp": "T", "data": {"name": "m", "alias": "prod"}}""",
            ],
            bodies);
    }

    [Fact]
    public async Task Changes_of_a_prompt_are_told_as_those_of_a_prompt()
    {
        using var receiver = WebhookReceiver.Start();
        await using var server = await WebhookServer.StartAsync();
        await server.RegisterAsync(receiver.Url);
        object[] marks = [new { key = "mlflow.prompt.is_prompt", value = "true" }, new { key = "_mlflow_prompt_type", value = "text" }, new { key = "k", value = "v" }];

        await server.PostAsync("registered-models/create", new { name = "p", description = "d", tags = marks });
        await server.PostAsync("model-versions/create", new { name = "p", source = "prompt-template", tags = marks.Append(new { key = "mlflow.prompt.text", value = "Hi {{x}}" }) });
        await server.PostAsync("registered-models/set-tag", new { name = "p", key = "a", value = "b" });
        await server.SendAsync(HttpMethod.Delete, "registered-models/delete-tag", new { name = "p", key = "a" });
        await server.PostAsync("model-versions/set-tag", new { name = "p", version = "1", key = "x", value = "y" });
        await server.SendAsync(HttpMethod.Delete, "model-versions/delete-tag", new { name = "p", version = "1", key = "x" });
        await server.PostAsync("registered-models/alias", new { name = "p", alias = "prod", version = "1" });
        await server.SendAsync(HttpMethod.Delete, "registered-models/alias", new { name = "p", alias = "prod" });

        var bodies = (await receiver.WaitAsync(8)).Select(delivery => Timestamp().Replace(delivery.Body, "T"));
        Assert.Equal(
            [
                """{"entity": "prompt", "action": "created", "timestamp": "T", "data": {"name": "p", "tags": {"k": "v"}, "description": "d"}}""",
                """{"entity": "prompt_version", "action": "created", "timestamp": "T", "data": {"name": "p", "version": "1", "template": "Hi {{x}}", "tags": {"k": "v"}, "description": null}}""",
                """{"entity": "prompt_tag", "action": "set", "timestamp": "T", "data": {"name": "p", "key": "a", "value": "b"}}""",
                """{"entity": "prompt_tag", "action": "deleted", "timestamp": "T", "data": {"name": "p", "key": "a"}}""",
                """{"entity": "prompt_version_tag", "action": "set", "timestamp": "T", "data": {"name": "p", "version": "1", "key": "x", "value": "y"}}""",
                """{"entity": "prompt_version_tag", "action": "deleted", "timestamp": "T", "data": {"name": "p", "version": "1", "key": "x"}}""",
                """{"entity": "prompt_alias", "action": "created", "timestamp": "T", "data": {"name": "p", "alias": "prod", "version": "1"}}""",
                """{"entity": "prompt_alias", "action": "deleted", "timestamp": "T", "data": {"name": "p", "alias": "prod"}}""",
            ],
            bodies);
    }

    [Theory]
    [InlineData("registered_model", "created", """{"name": "example_model", "tags": {"example_key": "example_value"}, "description": "An example registered model"}""")]
    [InlineData("model_version", "created", """{"name": "example_model", "version": "1", "source": "models:/123", "run_id": "abcd1234abcd5678", "tags": {"example_key": "example_value"}, "description": "An example model version"}""")]
    [InlineData("model_version_tag", "set", """{"name": "example_model", "version": "1", "key": "example_key", "value": "example_value"}""")]
    [InlineData("model_version_tag", "deleted", """{"name": "example_model", "version": "1", "key": "example_key"}""")]
    [InlineData("model_version_alias", "created", """{"name": "example_model", "alias": "example_alias", "version": "1"}""")]
    [InlineData("model_version_alias", "deleted", """{"name": "example_model", "alias": "example_alias"}""")]
    [InlineData("prompt", "created", """{"name": "example_prompt", "tags": {"example_key": "example_value"}, "description": "An example prompt"}""")]
    [InlineData("prompt_version", "created", """{"name": "example_prompt", "version": "1", "template": "Hello {{name}}!", "tags": {"example_key": "example_value"}, "description": "An example prompt version"}""")]
    [InlineData("prompt_tag", "set", """{"name": "example_prompt", "key": "example_key", "value": "example_value"}""")]
    [InlineData("prompt_tag", "deleted", """{"name": "example_prompt", "key": "example_key"}""")]
    [InlineData("prompt_version_tag", "set", """{"name": "example_prompt", "version": "1", "key": "example_key", "value": "example_value"}""")]
    [InlineData("prompt_version_tag", "deleted", """{"name": "example_prompt", "version": "1", "key": "example_key"}""")]
    [InlineData("prompt_alias", "created", """{"name": "example_prompt", "alias": "example_alias", "version": "1"}""")]
    [InlineData("prompt_alias", "deleted", """{"name": "example_prompt", "alias": "example_alias"}""")]
    [InlineData("budget_policy", "exceeded", """{"budget_policy_id": "bp-abc123", "budget_unit": "USD", "budget_amount": 100.0, "current_spend": 105.5, "duration_unit": "MONTHS", "duration_value": 1, "target_scope": "WORKSPACE", "workspace": "default", "window_start": 1704067200000}""")]
    public void A_test_call_sends_the_example_of_its_event(string entity, string action, string data) =>
        Assert.Equal(
            $$"""{"entity": "{{entity}}", "action": "{{action}}", "timestamp": "2026-01-02T03:04:05.006000+00:00", "data": {{data}}}""",
            EventPayload.Example(new WebhookEvent(entity, action), new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero)));

    [Fact]
    public async Task A_test_call_tells_the_status_and_keeps_the_body_to_itself()
    {
        using var receiver = WebhookReceiver.Start(_ => new ResponseMessage
        {
            StatusCode = 200, BodyData = new BodyData { DetectedBodyType = BodyType.String, BodyAsString = "internal" },
        });
        await using var server = await WebhookServer.StartAsync();
        var id = await server.RegisterAsync(receiver.Url, "s3cret", "prompt_tag.set");

        var own = await server.PostAsync($"webhooks/{id}/test", new { });
        await server.PostAsync($"webhooks/{id}/test", new { @event = new { entity = "MODEL_VERSION", action = "CREATED" } });

        Assert.Equal("""{"result":{"success":true,"response_status":200}}""", own.ToJsonString());
        Assert.Equal(["prompt_tag.set", "model_version.created"], receiver.Received.Select(delivery => delivery.Event));
    }

    [GeneratedRegex(@"(?<=""timestamp"": "")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00")]
    private static partial Regex Timestamp();
}
