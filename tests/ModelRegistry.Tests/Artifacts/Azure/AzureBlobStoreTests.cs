using ModelRegistry.Server.Artifacts;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Azure;

[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class AzureBlobStoreTests : ObjectStoreContract, IAsyncLifetime
{
    private AzurePlace place = null!;

    public async Task InitializeAsync() => place = await AzurePlace.CreateAsync();

    public Task DisposeAsync()
    {
        place.Dispose();
        return Task.CompletedTask;
    }

    private protected override IBlobStore Open(string prefix) => place.Open(prefix);

    protected override bool Takes(string name) => !name.Contains('\\', StringComparison.Ordinal);

    protected override Task FillAsync(string folder, int count) => place.FillAsync($"pre/fix/{folder}", count);
}
