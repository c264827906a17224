using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>The client of Google Cloud Storage: one per process, shared by the stores of all its buckets and prefixes.</summary>
internal sealed class GcsClient(GcsOptions options, UploadBuffers buffers) : IDisposable
{
    public GcsHttp Http { get; } = new(options);

    public GcsAddresses Addresses { get; } = new(options.EffectiveEndpoint);

    public UploadBuffers Buffers => buffers;

    public GcsOptions Options => options;

    /// <summary>The store of a location such as <c>gs://bucket/prefix</c>; it costs nothing.</summary>
    /// <param name="bucket">Name of the bucket.</param>
    /// <param name="path">The path of the location, with or without slashes around it.</param>
    public GcsBlobStore Open(string bucket, string path) => new(this, new GcsBucket(this, bucket), path.Trim('/'));

    public void Dispose() => Http.Dispose();
}
