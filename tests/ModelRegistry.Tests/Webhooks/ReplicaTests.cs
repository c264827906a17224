using Xunit;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>Several servers on one database, killed servers, and receivers that do not answer.</summary>
public sealed class ReplicaTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Two_replicas_share_the_work_and_keep_the_order_of_each_model()
    {
        using var receiver = WebhookReceiver.Start();
        var database = await TestDatabase.CreateAsync(folder.FullName);
        await using var one = await WebhookServer.StartAsync(databaseUri: database.Uri);
        await using var two = await WebhookServer.StartAsync(databaseUri: database.Uri);
        var id = await one.RegisterAsync(receiver.Url);
        WebhookServer[] servers = [one, two];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async model =>
        {
            var server = servers[model % 2];
            await server.CreateModelAsync($"m{model}");
            for (var version = 1; version <= 9; version++)
                await servers[version % 2].PostAsync("model-versions/create", new { name = $"m{model}", source = $"s3://b/{version}" });
        }));

        // When nothing is left to deliver, no second call can follow.
        await Wait.UntilAsync(async () => (await one.LogAsync(id, "?state=DELIVERED")).Count == 40, () => $"{receiver.Received.Count} calls came.");
        Assert.Equal(40, receiver.Received.Count);
        Assert.Equal(40, receiver.Received.Select(delivery => delivery.Id).Distinct().Count());
        foreach (var model in receiver.Received.GroupBy(delivery => delivery.Model))
            Assert.Equal([null, "1", "2", "3", "4", "5", "6", "7", "8", "9"], model.Select(delivery => (string?)delivery.Json["data"]!["version"]));
    }

    [Fact]
    public async Task An_event_of_a_server_that_was_killed_after_the_commit_is_delivered_by_the_next_one()
    {
        using var receiver = WebhookReceiver.Start();
        var database = await TestDatabase.CreateAsync(folder.FullName);
        await using (var first = await ServerProcess.StartAsync(On(database)))
        {
            await using var calls = WebhookServer.Of(first);
            await calls.RegisterAsync(receiver.Url, "s3cret");
            await calls.CreateModelAsync("m");
            await first.KillAsync();
        }

        Assert.Empty(receiver.Received);
        await using var second = await ServerProcess.StartAsync(On(database) with { DeliverWebhooks = true });

        var delivery = (await receiver.WaitAsync(1))[0];
        Assert.Equal("m", delivery.Model);
        Assert.StartsWith("v1,", delivery.Headers["X-MLflow-Signature"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_of_a_server_that_was_killed_in_the_middle_of_the_call_is_repeated_under_its_id()
    {
        var isDead = true;
        using var receiver = WebhookReceiver.Start(hangs: () => isDead);
        var database = await TestDatabase.CreateAsync(folder.FullName);
        await using (var first = await ServerProcess.StartAsync(On(database) with { DeliverWebhooks = true }))
        {
            await using var calls = WebhookServer.Of(first);
            await calls.RegisterAsync(receiver.Url, "s3cret");
            await calls.CreateModelAsync("m");
            await receiver.WaitAsync(1);
            await first.KillAsync();
        }

        isDead = false;
        await using var second = await ServerProcess.StartAsync(On(database) with { DeliverWebhooks = true });

        var received = await receiver.WaitAsync(2);
        Assert.Equal([1, 2], received.Select(delivery => delivery.Attempt));
        Assert.Single(received.Select(delivery => (delivery.Id, delivery.Body)).Distinct());
    }

    [Fact]
    public async Task A_server_that_stops_in_the_middle_of_a_call_leaves_it_to_the_next_one()
    {
        var isDead = true;
        using var receiver = WebhookReceiver.Start(hangs: () => isDead);
        var database = await TestDatabase.CreateAsync(folder.FullName);
        var id = "";
        await using (var first = await WebhookServer.StartAsync(databaseUri: database.Uri))
        {
            id = await first.RegisterAsync(receiver.Url);
            await first.CreateModelAsync("m");
            await receiver.WaitAsync(1);
        }

        isDead = false;
        await using var second = await WebhookServer.StartAsync(databaseUri: database.Uri);

        Assert.Equal(2, (int)(await second.WaitForStateAsync(id, "DELIVERED"))["attempts"]!);
        Assert.Equal([1, 2], receiver.Received.Select(delivery => delivery.Attempt));
    }

    [Fact]
    public async Task A_receiver_that_never_answers_delays_neither_requests_nor_other_receivers()
    {
        using var dead = WebhookReceiver.Start(hangs: () => true);
        using var alive = WebhookReceiver.Start();
        await using var server = await WebhookServer.StartAsync(WebhookServer.Delivering with { MaxWorkers = 4, Timeout = TimeSpan.FromHours(1) });
        await server.RegisterAsync(dead.Url);
        await server.RegisterAsync(alive.Url);

        for (var model = 0; model < 12; model++)
            await server.CreateModelAsync($"m{model}");

        await alive.WaitAsync(12);
        await dead.WaitAsync(2);
        await server.CreateModelAsync("later");
        await alive.WaitAsync(13);
        Assert.Equal(2, dead.Received.Count);
    }

    private static ServerProcessOptions On(TestDatabase database) => new()
    {
        BackendStoreUri = database.Uri,
        Environment = new Dictionary<string, string>
        {
            ["MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS"] = "true", ["MLFLOW_WEBHOOK_ALLOWED_SCHEMES"] = "http,https",
            ["MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"] = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=",

            // The lease that the next server waits for lasts longer than this.
            ["MLFLOW_WEBHOOK_REQUEST_TIMEOUT"] = "1",
        },
    };
}
