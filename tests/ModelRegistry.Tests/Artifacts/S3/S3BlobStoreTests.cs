using ModelRegistry.Server.Artifacts;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.S3;

/// <summary>What every store keeps to, on an S3 that is not Amazon's: content is protected by Content-MD5.</summary>
[Trait("Database", "SQLite")]
[NeedsStores]
public class S3BlobStoreTests : ObjectStoreContract, IAsyncLifetime
{
    private protected S3Place Place { get; private set; } = null!;

    protected virtual IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>();

    public async Task InitializeAsync() => Place = await S3Place.CreateAsync(Variables);

    public Task DisposeAsync()
    {
        Place.Dispose();
        return Task.CompletedTask;
    }

    private protected override IBlobStore Open(string prefix) => Place.Open(prefix);

    protected override Task FillAsync(string folder, int count)
    {
        Place.Fill($"pre/fix/{folder}", count);
        return Task.CompletedTask;
    }
}

/// <summary>The same as on Amazon's S3: the store keeps a CRC-32C of every object, and downloads are compared with it.</summary>
[NeedsStores]
public sealed class S3ChecksumTests : S3BlobStoreTests
{
    protected override IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string> { ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_supported" };
}
