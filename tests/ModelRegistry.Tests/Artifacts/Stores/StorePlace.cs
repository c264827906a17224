using ModelRegistry.Server.Artifacts;
using ModelRegistry.Tests.Artifacts.Azure;
using ModelRegistry.Tests.Artifacts.Gcs;
using ModelRegistry.Tests.Artifacts.S3;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>A new place in a bucket, as a server process needs it and as a test sees it past the server.</summary>
/// <param name="Destination">As <c>--artifacts-destination</c> takes it.</param>
/// <param name="Environment">What the process needs to reach it.</param>
/// <param name="Store">What is below the destination.</param>
/// <param name="CloseAsync">Ends what was started for it.</param>
internal sealed record StorePlace(
    string Destination, IReadOnlyDictionary<string, string> Environment, IBlobStore Store, Func<Task> CloseAsync) : IAsyncDisposable
{
    private const string Prefix = "arti/facts";

    public static async Task<StorePlace> S3Async()
    {
        var place = await S3Place.CreateAsync();
        return new StorePlace($"s3://{place.Bucket}/{Prefix}", place.Environment, place.Open(Prefix), () => Close(place));
    }

    public static async Task<StorePlace> AzureAsync()
    {
        var place = await AzurePlace.CreateAsync();
        return new StorePlace(place.UriOf(Prefix), place.Environment, place.Open(Prefix), () => Close(place));
    }

    public static async Task<StorePlace> GcsAsync()
    {
        var gcs = new GcsFixture();
        await gcs.InitializeAsync();
        var bucket = gcs.NewBucket();
        var environment = new Dictionary<string, string>
        {
            ["MODELREGISTRY_GCS_ENDPOINT"] = gcs.Server.Url,
            ["GOOGLE_APPLICATION_CREDENTIALS"] = gcs.Options.CredentialsFile!,
        };
        return new StorePlace($"gs://{bucket.Name}/{Prefix}", environment, gcs.Open(bucket, Prefix), gcs.DisposeAsync);
    }

    /// <summary>Keys of the files that uploads in parts were begun for and that nobody finished.</summary>
    public async Task<List<string>> UnfinishedAsync()
    {
        var keys = new List<string>();
        await foreach (var upload in ((IMultipartUploads)Store).ListUnfinishedAsync(default))
            keys.Add(upload.Path.Key);
        return keys;
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private static Task Close(IDisposable place)
    {
        place.Dispose();
        return Task.CompletedTask;
    }
}
