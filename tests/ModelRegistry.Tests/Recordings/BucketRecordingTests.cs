using ModelRegistry.Tests.Artifacts;
using Xunit;

namespace ModelRegistry.Tests.Recordings;

/// <summary>
/// The recordings of artifacts again, with a bucket behind the server. MLflow's server was recorded with a folder, which has no direct transfers: they
/// are off. Everything else is answered as if the bucket were a folder, but for a list of differences on Azure.
/// </summary>
public abstract class BucketRecordingTests(BucketServer server)
{
    public static TheoryData<string> Artifacts =>
        [.. RecordingCatalog.All.Where(recording => recording.Area == "artifacts" && !RecordingCatalog.Pending.Holds(recording)).Select(recording => recording.FullName)];

    private protected virtual AllowedDifferences Allowed => RecordingCatalog.Allowed;

    [StoreTheory]
    [MemberData(nameof(Artifacts))]
    public async Task The_server_answers_as_recorded(string recording)
    {
        var replayer = new Replayer(new WireClient(server.Server.Url), Allowed);

        var failure = await replayer.PlayAsync(RecordingCatalog.Get(recording));

        Assert.True(failure is null, failure);
    }
}

[Trait("Database", "SQLite")]
public sealed class GcsRecordingTests(GcsRecordingTests.Bucket server) : BucketRecordingTests(server), IClassFixture<GcsRecordingTests.Bucket>
{
    public sealed class Bucket : GcsBucketServer
    {
        protected override IReadOnlyList<string> Arguments => ["--direct-transfers", "off"];
    }
}

[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class S3RecordingTests(S3RecordingTests.Bucket server) : BucketRecordingTests(server), IClassFixture<S3RecordingTests.Bucket>
{
    public sealed class Bucket : S3BucketServer
    {
        protected override IReadOnlyList<string> Arguments => ["--direct-transfers", "off"];
    }
}

[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class AzureRecordingTests(AzureRecordingTests.Bucket server) : BucketRecordingTests(server), IClassFixture<AzureRecordingTests.Bucket>
{
    private protected override AllowedDifferences Allowed { get; } = RecordingCatalog.Allowed.With(RecordingCatalog.AllowedOnAzure);

    public sealed class Bucket : AzureBucketServer
    {
        protected override IReadOnlyList<string> Arguments => ["--direct-transfers", "off"];
    }
}
