using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Webhooks;
using Xunit;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>Who owns a delivery, when.</summary>
public sealed class LeaseTests : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(45);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");
    private readonly Clock clock = new();
    private WebhookServer server = null!;
    private Databases stores = null!;
    private DeliveryStore deliveries = null!;
    private string webhook = "";

    public async Task InitializeAsync()
    {
        var database = await TestDatabase.CreateAsync(folder.FullName);
        server = await WebhookServer.StartAsync(WebhookServer.Delivering with { Deliver = false }, database.Uri);
        stores = await Databases.OpenAsync(new ServerOptions { BackendStoreUri = database.Uri }, CancellationToken.None);
        deliveries = new DeliveryStore(new RegistryDatabase(stores.Registry, stores.AreOne), clock);
        webhook = await server.RegisterAsync("http://127.0.0.1:9/");
    }

    public async Task DisposeAsync()
    {
        stores.Dispose();
        await server.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_claimed_delivery_goes_to_another_replica_only_after_its_lease()
    {
        await server.CreateModelAsync("m");

        var first = Assert.Single(await ClaimAsync());
        Assert.Empty(await ClaimAsync());
        clock.Pass(Lease + TimeSpan.FromSeconds(1));
        var second = Assert.Single(await ClaimAsync());
        await deliveries.FinishAsync(first, "DEAD", SendResult.Failed("Too late."), clock.GetUtcNow(), CancellationToken.None);

        Assert.Equal((first.DeliveryId, 1, 2), (second.DeliveryId, first.Attempts, second.Attempts));
        Assert.Equal("PENDING", (string?)(await server.LogAsync(webhook))[0]!["state"]);
    }

    [Fact]
    public async Task Of_a_model_only_the_oldest_pending_delivery_can_be_claimed()
    {
        await server.CreateModelAsync("m");
        await server.PostAsync("model-versions/create", new { name = "m", source = "s3://b/p" });
        await server.CreateModelAsync("other");

        var claimed = await ClaimAsync();
        await deliveries.FinishAsync(claimed[0], "DELIVERED", new SendResult(200, null, true, null), clock.GetUtcNow(), CancellationToken.None);
        var next = Assert.Single(await ClaimAsync());

        Assert.Equal(2, claimed.Count);
        Assert.Contains("model_version", next.Payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_that_is_busy_disabled_or_deleted_is_passed_over()
    {
        await server.CreateModelAsync("m");

        Assert.Empty(await deliveries.ClaimAsync(10, 10, [webhook], Lease, CancellationToken.None));
        await server.SendAsync(HttpMethod.Patch, $"webhooks/{webhook}", new { status = "DISABLED" });
        Assert.Empty(await ClaimAsync());
        await server.SendAsync(HttpMethod.Patch, $"webhooks/{webhook}", new { status = "ACTIVE" });
        await server.SendAsync(HttpMethod.Delete, $"webhooks/{webhook}");
        Assert.Empty(await ClaimAsync());
    }

    [Fact]
    public async Task Old_deliveries_leave_the_log()
    {
        await server.CreateModelAsync("m");
        await server.CreateModelAsync("n");
        var claimed = await ClaimAsync();
        await deliveries.FinishAsync(claimed[0], "DELIVERED", new SendResult(200, null, true, null), clock.GetUtcNow(), CancellationToken.None);

        clock.Pass(TimeSpan.FromDays(8));
        await deliveries.PurgeAsync(CancellationToken.None);
        Assert.Equal("PENDING", (string?)Assert.Single(await server.LogAsync(webhook))!["state"]);
        clock.Pass(TimeSpan.FromDays(30));
        await deliveries.PurgeAsync(CancellationToken.None);
        Assert.Empty(await server.LogAsync(webhook));
    }

    private Task<List<ClaimedDelivery>> ClaimAsync() => deliveries.ClaimAsync(10, 10, [], Lease, CancellationToken.None);

    private sealed class Clock : TimeProvider
    {
        private TimeSpan passed = TimeSpan.FromSeconds(1);

        public void Pass(TimeSpan time) => passed += time;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + passed;
    }
}
