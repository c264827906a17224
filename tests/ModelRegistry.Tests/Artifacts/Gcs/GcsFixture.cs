using ModelRegistry.GcsServer;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Gcs;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Gcs;

/// <summary>A Google Cloud Storage of this machine, with a key file for it; each test has a bucket of its own.</summary>
public sealed class GcsFixture : IAsyncLifetime
{
    private static readonly UploadBuffers Buffers = new();

    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("modelregistry-test-");
    private readonly List<GcsClient> clients = [];

    internal GcsServer.GcsServer Server { get; private set; } = null!;

    internal GcsOptions Options => new()
    {
        CredentialsFile = Path.Combine(home.FullName, "key.json"),
        Endpoint = Server.Url,
        IamEndpoint = Server.Url,
        RetryDelay = TimeSpan.FromMilliseconds(1),
    };

    public string Home => home.FullName;

    public async Task InitializeAsync()
    {
        Server = await GcsServer.GcsServer.StartAsync();
        await File.WriteAllTextAsync(Options.CredentialsFile!, Server.Accounts.KeyFile());
    }

    public async Task DisposeAsync()
    {
        foreach (var client in clients)
            client.Dispose();
        await Server.DisposeAsync();
        home.Delete(recursive: true);
    }

    /// <summary>A bucket that nobody else uses.</summary>
    internal GcsBucketState NewBucket(bool requesterPays = false) => Server.AddBucket($"bucket-{Guid.NewGuid():n}", requesterPays);

    internal GcsBlobStore Open(GcsBucketState bucket, string prefix = "", Func<GcsOptions, GcsOptions>? change = null)
    {
        var client = new GcsClient((change ?? (options => options))(Options), Buffers);
        clients.Add(client);
        return client.Open(bucket.Name, prefix);
    }

    /// <summary>What was asked of a bucket, <c>METHOD target</c>.</summary>
    internal List<string> Requests(GcsBucketState bucket) =>
        [.. Server.Log.Where(request => request.Target.Contains(bucket.Name, StringComparison.Ordinal)).Select(request => request.ToString())];
}
