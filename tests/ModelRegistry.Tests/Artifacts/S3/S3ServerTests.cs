using ModelRegistry.Server.Artifacts;
using Xunit;
using Xunit.Abstractions;

namespace ModelRegistry.Tests.Artifacts.S3;

[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class S3ServerTests(ITestOutputHelper log) : StoreServerTests(log)
{
    private S3Place place = null!;

    private protected override IBlobStore Store => place.Open("server");

    protected override string Destination => $"s3://{place.Bucket}/server";

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        place.Dispose();
    }

    protected override async Task<IReadOnlyDictionary<string, string>> OpenAsync()
    {
        place = await S3Place.CreateAsync();
        return place.Environment;
    }

    protected override Task<int> CountUnfinishedAsync() => place.CountUnfinishedAsync();

    protected override Task FillAsync(string folder, int count)
    {
        place.Fill($"server/{folder}", count);
        return Task.CompletedTask;
    }
}
