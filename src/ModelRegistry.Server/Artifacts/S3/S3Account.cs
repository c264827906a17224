using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace ModelRegistry.Server.Artifacts.S3;

/// <summary>The client of S3, one per process: connections, credentials and what every request carries.</summary>
internal sealed class S3Account : IDisposable
{
    private const int Retries = 5;
    private const int CopySize = 64 << 10;

    /// <summary>For one answer, or one part; the body of a download has no limit.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(5);

    private readonly AmazonS3Client client;

    public S3Account(S3Settings settings, UploadBuffers buffers)
    {
        (Settings, Buffers) = (settings, buffers);
        var credentials = settings.Unsigned ? new AnonymousAWSCredentials() : settings.Keys;
        // Without credentials of ours the SDK looks for them at the first request: profile, web identity, container, instance.
        client = credentials is null ? new AmazonS3Client(Configuration(settings)) : new AmazonS3Client(credentials, Configuration(settings));
        client.BeforeRequestEvent += (_, arguments) => AddHeaders((WebServiceRequestEventArgs)arguments);
    }

    public S3Settings Settings { get; }

    public UploadBuffers Buffers { get; }

    public IAmazonS3 Client => client;

    /// <summary>Over TLS the content is not hashed once more for the signature.</summary>
    public bool SignsContent => Settings.Endpoint?.StartsWith("http://", StringComparison.OrdinalIgnoreCase) == true;

    public void Dispose() => client.Dispose();

    /// <summary>Runs a call on a bucket.</summary>
    /// <param name="bucket">Its name, for messages.</param>
    /// <param name="permission">What the call needs, for messages: <c>s3:GetObject</c>.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">The one that was given to the call.</param>
    /// <exception cref="StoreException">The call failed.</exception>
    public async Task<T> CallAsync<T>(string bucket, string permission, Func<IAmazonS3, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(client);
        }
        catch (Exception e) when (S3Errors.Translate(e, this, bucket, permission, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    private static AmazonS3Config Configuration(S3Settings settings)
    {
        var region = settings.Region ?? FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false)?.SystemName ?? "us-east-1";
        var config = new AmazonS3Config
        {
            ForcePathStyle = settings.UsePathStyle,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = Retries,
            Timeout = TimeLimit,
            BufferSize = CopySize,
            // Checksums are ours to choose: what the SDK would add by itself, many servers that are not Amazon's do not understand.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            DefaultConfigurationMode = DefaultConfigurationMode.Standard,
            DisableLogging = true,
            HttpClientFactory = new ClientFactory(settings),
        };
        if (settings.Endpoint is null)
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        else
            (config.ServiceURL, config.AuthenticationRegion) = (settings.Endpoint, region);
        config.EndpointProvider = new S3Endpoints(config.EndpointProvider);
        return config;
    }

    private void AddHeaders(WebServiceRequestEventArgs request)
    {
        var extra = Settings.ExtraArgs;
        var headers = request.Request switch
        {
            PutObjectRequest or InitiateMultipartUploadRequest => extra.OfNewObjects,
            UploadPartRequest or GetObjectRequest or GetObjectMetadataRequest => extra.OfEveryRequest,
            _ => extra.OfBucketRequests,
        };
        foreach (var (name, value) in headers)
            request.Headers[name] = value;
        if (Settings.BucketOwner is { } owner)
            request.Headers["x-amz-expected-bucket-owner"] = owner;
    }

    private sealed class ClientFactory(S3Settings settings) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(Handler()) { Timeout = TimeLimit };

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => true;

        public override string GetConfigUniqueString(IClientConfig clientConfig) => $"{settings.Endpoint} {settings.IgnoreTls} {settings.CaBundle}";

        [SuppressMessage("Security", "CA5359", Justification = "What MLFLOW_S3_IGNORE_TLS asks for.")]
        private SocketsHttpHandler Handler()
        {
            var handler = new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(10),
                ConnectTimeout = TimeSpan.FromSeconds(10),
            };
            if (settings.IgnoreTls)
                handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
            else if (settings.CaBundle is { } file)
                handler.SslOptions.CertificateChainPolicy = Trusting(file);
            return handler;
        }

        private static X509ChainPolicy Trusting(string file)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(file);
            return policy;
        }
    }
}
