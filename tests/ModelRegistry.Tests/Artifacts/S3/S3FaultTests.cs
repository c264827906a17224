using ModelRegistry.Server.Artifacts;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.S3;

[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class S3FaultTests : StoreFaultTests
{
    private S3Place place = null!;

    private protected override IBlobStore Store => place.Open("runs");

    protected override string SecondPart => "partNumber=2&";

    protected override string Completion => "^POST .*uploadId=";

    public override Task DisposeAsync()
    {
        place.Dispose();
        return base.DisposeAsync();
    }

    [StoreFact]
    public async Task What_the_operator_has_to_mend_is_said_in_a_sentence()
    {
        var missing = new Server.Artifacts.S3.S3BlobStore(place.Account, "no-such-bucket", "");
        using var stranger = await S3Place.CreateAsync(new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = "somebody" });
        using var nowhere = await S3Place.CreateAsync(endpoint: _ => new Uri("http://127.0.0.1:9"));

        Assert.Contains("The S3 bucket 'no-such-bucket' does not exist", await MessageAsync(missing), StringComparison.Ordinal);
        Assert.Contains("Check AWS_ACCESS_KEY_ID", await MessageAsync(stranger.Open()), StringComparison.Ordinal);
        Assert.Contains("S3 cannot be reached at http://127.0.0.1:9", await MessageAsync(nowhere.Open()), StringComparison.Ordinal);
    }

    private protected override async Task<FaultyProxy> StartAsync()
    {
        FaultyProxy? proxy = null;
        place = await S3Place.CreateAsync(
            new Dictionary<string, string> { ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_supported" }, store => (proxy = FaultyProxy.Start(store)).Url);
        return proxy!;
    }

    protected override Task<int> CountUnfinishedAsync() => place.CountUnfinishedAsync();

    private static async Task<string> MessageAsync(IBlobStore store)
    {
        var failures = new[]
        {
            await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync("x", "x")),
            await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync("x", new byte[9 << 20])),
            await Assert.ThrowsAsync<StoreException>(() => store.NamesAsync("")),
            await Assert.ThrowsAsync<StoreException>(() => store.DeleteAsync("x")),
        };
        return Assert.Single(failures.Select(failure => failure.Message).Distinct());
    }
}
