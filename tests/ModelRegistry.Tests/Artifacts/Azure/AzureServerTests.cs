using ModelRegistry.Server.Artifacts;
using Xunit;
using Xunit.Abstractions;

namespace ModelRegistry.Tests.Artifacts.Azure;

[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class AzureServerTests(ITestOutputHelper log) : StoreServerTests(log)
{
    private AzurePlace place = null!;

    private protected override IBlobStore Store => place.Open("server");

    protected override string Destination => place.UriOf("server");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        place.Dispose();
    }

    protected override async Task<IReadOnlyDictionary<string, string>> OpenAsync()
    {
        place = await AzurePlace.CreateAsync();
        return place.Environment;
    }

    /// <summary>Blocks that nobody commits are not seen and go by themselves.</summary>
    protected override Task<int> CountUnfinishedAsync() => Task.FromResult(0);

    protected override Task FillAsync(string folder, int count) => place.FillAsync($"server/{folder}", count);
}
