using ModelRegistry.Server.Artifacts.Azure;
using ModelRegistry.Server.Artifacts.Gcs;
using ModelRegistry.Server.Artifacts.Local;
using ModelRegistry.Server.Artifacts.S3;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Artifacts;

/// <summary>Opens the store that a URI names by its scheme; the one list of the kinds of stores there are.</summary>
internal sealed class BlobStoreFactory : IDisposable
{
    private readonly ServerOptions options;
    private readonly UploadBuffers buffers = new();

    /// <summary>Clients of object stores, opened when the first location asks for them and then kept.</summary>
    private readonly Lazy<S3Account> s3;
    private readonly Lazy<GcsClient> gcs;
    private readonly Lazy<AzureClient> azure;

    public BlobStoreFactory(ServerOptions options)
    {
        this.options = options;
        s3 = new(() => new S3Account(S3Settings.From(Environment.GetEnvironmentVariable), buffers));
        azure = new(() => new AzureClient(AzureSettings.From(Environment.GetEnvironmentVariable), buffers));
        gcs = new(() => new GcsClient(options.Gcs, buffers));
    }

    /// <summary>The store behind <c>mlflow-artifacts:/</c>.</summary>
    /// <exception cref="StartupException">No kind of store has this scheme.</exception>
    public IBlobStore OpenDestination()
    {
        try
        {
            return OpenBucket(options.ArtifactsDestination) ?? new LocalBlobStore(ArtifactFolder.Of(options.ArtifactsDestination));
        }
        catch (StoreException e)
        {
            throw new StartupException($"The artifact store '{options.ArtifactsDestination}' cannot be opened. {e.Message}");
        }
    }

    /// <summary>The store whose root is the location of a run, model or version; null when this server has no means to reach it.</summary>
    public IBlobStore? Open(string uri)
    {
        var url = PythonUrl.Parse(uri);
        return url.Scheme switch
        {
            "file" when url.Host is null or "localhost" => new LocalBlobStore(Uri.UnescapeDataString(url.Path)),
            "" when uri.Length > 0 => new LocalBlobStore(Uri.UnescapeDataString(uri)),
            _ => OpenBucket(uri),
        };
    }

    public void Dispose()
    {
        if (s3.IsValueCreated)
            s3.Value.Dispose();
        if (gcs.IsValueCreated)
            gcs.Value.Dispose();
        if (azure.IsValueCreated)
            azure.Value.Dispose();
        buffers.Dispose();
    }

    /// <summary>A bucket of an object store; null for every other scheme.</summary>
    /// <exception cref="StoreException">The location or the environment is not as that store needs it.</exception>
    private IBlobStore? OpenBucket(string uri)
    {
        var url = PythonUrl.Parse(uri);
        return url.Scheme switch
        {
            "s3" => (IBlobStore)S3BlobStore.Of(s3.Value, url),
            "gs" when url.Authority.Length > 0 => gcs.Value.Open(url.Authority, url.Path),
            "wasbs" or "wasb" or "abfss" or "abfs" => AzureBlobStore.Of(azure.Value, url),
            _ => null,
        };
    }
}
