using ModelRegistry.GcsServer;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Gcs;

/// <summary>Tests of which each has a Google Cloud Storage of its own, with one bucket.</summary>
public abstract class GcsTests : IAsyncLifetime
{
    private protected GcsFixture Gcs { get; } = new();

    private protected GcsBucketState Bucket { get; private set; } = null!;

    private protected GcsAccounts Accounts => Gcs.Server.Accounts;

    public async Task InitializeAsync()
    {
        await Gcs.InitializeAsync();
        Bucket = Gcs.NewBucket();
    }

    public Task DisposeAsync() => Gcs.DisposeAsync();
}
