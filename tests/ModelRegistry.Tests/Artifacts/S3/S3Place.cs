using System.Globalization;
using Amazon.S3;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.S3;

namespace ModelRegistry.Tests.Artifacts.S3;

/// <summary>A new bucket of the S3 for tests, and a client of it.</summary>
internal sealed class S3Place : IDisposable
{
    private static int count;

    private readonly UploadBuffers buffers = new();

    private S3Place(StorePeer peer, Uri endpoint, string bucket, IReadOnlyDictionary<string, string> environment)
    {
        (Peer, Bucket) = (peer, bucket);
        Environment = new Dictionary<string, string>(EnvironmentOf(endpoint));
        foreach (var (name, value) in environment)
            Environment[name] = value;
        Account = new S3Account(S3Settings.From(name => Environment.GetValueOrDefault(name)), buffers);
    }

    public StorePeer Peer { get; }

    public string Bucket { get; }

    public S3Account Account { get; }

    /// <summary>What a server process needs to reach it.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <param name="environment">Further variables.</param>
    /// <param name="endpoint">Where the client finds the store, if not at its own address.</param>
    public static async Task<S3Place> CreateAsync(IReadOnlyDictionary<string, string>? environment = null, Func<Uri, Uri>? endpoint = null)
    {
        var peer = await StorePeer.S3Async();
        var bucket = $"bucket-{Interlocked.Increment(ref count)}";
        Directory.CreateDirectory(Path.Combine(peer.Folder, bucket));
        return new S3Place(peer, endpoint is null ? peer.Url : endpoint(peer.Url), bucket, environment ?? new Dictionary<string, string>());
    }

    public S3BlobStore Open(string prefix = "") => new(Account, Bucket, prefix.Trim('/'));

    /// <summary>Parts of uploads that nobody finished.</summary>
    public async Task<int> CountUnfinishedAsync()
    {
        var answer = await Account.Client.ListMultipartUploadsAsync(Bucket);
        return answer.MultipartUploads?.Count ?? 0;
    }

    /// <summary>Puts one-byte files <c>0000</c>, <c>0001</c> … where the store keeps its own.</summary>
    public void Fill(string folder, int count)
    {
        var directory = Directory.CreateDirectory(Path.Combine(Peer.Folder, Bucket, folder)).FullName;
        for (var i = 0; i < count; i++)
        {
            var name = i.ToString("d4", CultureInfo.InvariantCulture);
            File.WriteAllBytes(Path.Combine(directory, $"{name}._S3rver_object"), [1]);
            File.WriteAllText(Path.Combine(directory, $"{name}._S3rver_metadata.json"), """{"etag":"\"55a54008ad1ba589aa210d2629c1df41\""}""");
        }
    }

    public void Dispose()
    {
        Account.Dispose();
        buffers.Dispose();
    }

    private static Dictionary<string, string> EnvironmentOf(Uri endpoint) => new()
    {
        ["MLFLOW_S3_ENDPOINT_URL"] = endpoint.ToString(),
        ["AWS_ACCESS_KEY_ID"] = StorePeer.AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = StorePeer.SecretKey,
        ["AWS_EC2_METADATA_DISABLED"] = "true",
    };
}
