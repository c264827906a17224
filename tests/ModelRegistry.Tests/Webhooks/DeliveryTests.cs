using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Webhooks;
using WireMock;
using Xunit;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>What becomes of a delivery: retries, giving up, redelivery, and where calls may go.</summary>
public sealed class DeliveryTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_failed_delivery_is_repeated_under_its_id_before_later_events_of_the_model()
    {
        var calls = 0;
        using var receiver = WebhookReceiver.Start(_ => Interlocked.Increment(ref calls) == 1 ? 503 : 204);
        await using var server = await WebhookServer.StartAsync();
        var id = await server.RegisterAsync(receiver.Url);

        await server.CreateModelAsync("m");
        await server.PostAsync("model-versions/create", new { name = "m", source = "s3://b/p" });

        var received = await receiver.WaitAsync(3);
        Assert.Equal(["registered_model.created", "registered_model.created", "model_version.created"], received.Select(delivery => delivery.Event));
        Assert.Equal([1, 2, 1], received.Select(delivery => delivery.Attempt));
        Assert.Equal(received[0].Id, received[1].Id);
        Assert.Equal(received[0].Body, received[1].Body);
        var newest = await server.WaitForStateAsync(id, "DELIVERED");
        var log = await server.LogAsync(id);
        Assert.Equal("MODEL_VERSION", (string?)newest["event"]!["entity"]);
        Assert.Equal([(1, 204), (2, 204)], log.Select(entry => ((int)entry!["attempts"]!, (int)entry["response_status"]!)));
        Assert.Equal(received[0].Id, (string?)log[1]!["delivery_id"]);
    }

    [Fact]
    public async Task A_refused_delivery_is_given_up_at_once_and_can_be_sent_again()
    {
        var status = 404;
        using var receiver = WebhookReceiver.Start(_ => status);
        await using var server = await WebhookServer.StartAsync();
        var id = await server.RegisterAsync(receiver.Url);
        await server.CreateModelAsync("m");

        var dead = await server.WaitForStateAsync(id, "DEAD");
        Assert.Equal((1, 404, "The receiver answered 404."), ((int)dead["attempts"]!, (int)dead["response_status"]!, (string?)dead["error_message"]));
        Assert.NotNull(dead["completion_timestamp"]);
        Assert.Empty(await server.LogAsync(id, "?state=DELIVERED"));
        Assert.Single(await server.LogAsync(id, "?state=DEAD"));

        status = 200;
        var answer = await server.PostAsync($"/api/2.0/modelregistry/webhooks/{id}/redeliver", new { });

        Assert.Equal(1, (int)answer["count"]!);
        await server.WaitForStateAsync(id, "DELIVERED");
        Assert.Equal([1, 2], receiver.Received.Select(delivery => delivery.Attempt));
        var byId = await server.PostAsync($"/api/2.0/modelregistry/webhooks/{id}/redeliver", new { delivery_ids = new[] { (string?)dead["delivery_id"], "other" } });
        Assert.Equal(1, (int)byId["count"]!);
        await receiver.WaitAsync(3);
        Assert.Single(receiver.Received.Select(delivery => delivery.Id).Distinct());
    }

    [Fact]
    public async Task The_command_line_queues_what_was_given_up()
    {
        var status = 404;
        using var receiver = WebhookReceiver.Start(_ => status);
        var database = await TestDatabase.CreateAsync(folder.FullName);
        await using var server = await WebhookServer.StartAsync(databaseUri: database.Uri);
        var id = await server.RegisterAsync(receiver.Url);
        await server.CreateModelAsync("m");
        await server.WaitForStateAsync(id, "DEAD");
        status = 200;

        var command = Assert.IsType<Invocation.Redeliver>(CommandLine.Parse(["redeliver", id, "--backend-store-uri", database.Uri], _ => null));
        var said = await Redelivery.RunAsync(command.Options, command.WebhookId, command.DeliveryIds);

        Assert.Equal($"1 deliveries of webhook {id} are queued once more.", said);
        await server.WaitForStateAsync(id, "DELIVERED");
        var refusal = await Assert.ThrowsAsync<StartupException>(() => Redelivery.RunAsync(command.Options, id, ["other"]));
        Assert.Equal($"There is nothing of webhook '{id}' to deliver again.", refusal.Message);
    }

    [Fact]
    public async Task Retries_end_after_the_number_that_was_set()
    {
        using var receiver = WebhookReceiver.Start(_ => 500);
        await using var server = await WebhookServer.StartAsync(WebhookServer.Delivering with { MaxRetries = 1 });
        var id = await server.RegisterAsync(receiver.Url);

        await server.CreateModelAsync("m");

        Assert.Equal(2, (int)(await server.WaitForStateAsync(id, "DEAD"))["attempts"]!);
        Assert.Equal(2, receiver.Received.Count);
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        using var inner = WebhookReceiver.Start();
        using var receiver = WebhookReceiver.Start(_ =>
        {
            var answer = new ResponseMessage { StatusCode = 302 };
            answer.AddHeader("Location", inner.Url);
            return answer;
        });
        await using var server = await WebhookServer.StartAsync();
        var id = await server.RegisterAsync(receiver.Url);

        var test = await server.PostAsync($"webhooks/{id}/test", new { });
        await server.CreateModelAsync("m");
        await server.WaitForStateAsync(id, "DEAD");

        Assert.Equal(
            """{"result":{"success":false,"response_status":302,"error_message":"Failed to test webhook: The receiver answered 302; redirects are not followed."}}""",
            test.ToJsonString());
        Assert.Empty(inner.Received);
    }

    [Fact]
    public async Task The_address_is_checked_again_when_it_is_called()
    {
        using var receiver = WebhookReceiver.Start();
        var database = await TestDatabase.CreateAsync(folder.FullName);
        string id;
        await using (var open = await WebhookServer.StartAsync(WebhookServer.Delivering with { Deliver = false }, database.Uri))
        {
            id = await open.RegisterAsync(receiver.Url);
            await open.CreateModelAsync("m");
        }

        await using var closed = await WebhookServer.StartAsync(WebhookServer.Delivering with { AllowPrivateAddresses = false, MaxRetries = 0 }, database.Uri);

        var dead = await closed.WaitForStateAsync(id, "DEAD");
        Assert.Equal("Webhook URL must not resolve to a non-public IP address. '127.0.0.1' resolves to 127.0.0.1.", (string?)dead["error_message"]);
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task A_disabled_webhook_gets_what_waits_for_it_when_it_is_active_again()
    {
        using var receiver = WebhookReceiver.Start();
        await using var server = await WebhookServer.StartAsync(WebhookServer.Delivering with { Deliver = false });
        var id = await server.RegisterAsync(receiver.Url);

        await server.CreateModelAsync("told");
        await server.SendAsync(HttpMethod.Patch, $"webhooks/{id}", new { status = "DISABLED" });
        await server.CreateModelAsync("not told");
        await server.SendAsync(HttpMethod.Patch, $"webhooks/{id}", new { status = "ACTIVE" });

        Assert.Equal(["told"], (await server.LogAsync(id)).Select(entry => (string?)entry!["model_name"]));
    }

    [Fact]
    public async Task A_change_that_fails_or_that_nobody_asked_for_records_nothing()
    {
        await using var server = await WebhookServer.StartAsync(WebhookServer.Delivering with { Deliver = false });
        await server.CreateModelAsync("before");
        var id = await server.RegisterAsync("http://127.0.0.1:9/", null, "registered_model.created");

        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => server.CreateModelAsync("before"));
        await server.PostAsync("model-versions/create", new { name = "before", source = "s3://b/p" });

        Assert.Empty(await server.LogAsync(id));
        await server.CreateModelAsync("after");
        Assert.Single(await server.LogAsync(id));
    }

    [Fact]
    public async Task A_secret_of_another_key_stops_the_delivery_and_not_the_reading()
    {
        using var receiver = WebhookReceiver.Start();
        var database = await TestDatabase.CreateAsync(folder.FullName);
        string id;
        await using (var first = await WebhookServer.StartAsync(WebhookServer.Delivering with { Deliver = false }, database.Uri))
        {
            id = await first.RegisterAsync(receiver.Url, "s3cret");
            await first.CreateModelAsync("m");
        }

        await using var second = await WebhookServer.StartAsync(WebhookServer.Delivering with { MaxRetries = 0 }, database.Uri);

        var dead = await second.WaitForStateAsync(id, "DEAD");
        Assert.Equal("The secret of the webhook cannot be read with the key in MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY.", (string?)dead["error_message"]);
        Assert.Equal("hook", (string?)(await second.SendAsync(HttpMethod.Get, $"webhooks/{id}"))["webhook"]!["name"]);
        Assert.Empty(receiver.Received);
    }

    [Theory]
    [InlineData(1, null, 1.5)]
    [InlineData(4, null, 8.5)]
    [InlineData(7, null, 60.5)]
    [InlineData(2000, null, 60.5)]
    [InlineData(1, 1, 1.5)]
    [InlineData(1, 90, 90)]
    [InlineData(1, 100_000, 3600)]
    public void Delays_grow_to_a_minute_or_to_what_the_receiver_asks_for(int attempts, int? retryAfter, double seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            WebhookDispatcher.Delay(attempts, retryAfter is { } asked ? TimeSpan.FromSeconds(asked) : null, random: 0.5));
}
