using Google;
using Google.Apis.Http;
using Google.Apis.Services;
using Google.Apis.Storage.v1;
using Google.Cloud.Storage.V1;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>Google's client library as this server uses it: one per process, shared by the stores of all buckets and prefixes.</summary>
internal sealed class GcsClient : IDisposable
{
    public GcsClient(GcsOptions options, UploadBuffers buffers)
    {
        (Options, Buffers) = (options, buffers);
        (Credentials, Retry, Addresses) = (new GcsCredentials(options), new GcsRetry(options.RetryDelay), new GcsAddresses(options.EffectiveEndpoint));
        Storage = new StorageClientImpl(new StorageService(new BaseClientService.Initializer
        {
            ApplicationName = GcsCredentials.UserAgent,
            BaseUri = $"{options.EffectiveEndpoint}/storage/v1/",
            HttpClientFactory = new GcsHttpClientFactory(Retry),
            HttpClientInitializer = Credentials,
            // Each attempt has its own limit, and a large file takes as long as it takes.
            HttpClientTimeout = Timeout.InfiniteTimeSpan,
            // One policy for all calls, in GcsRetryHandler: the library's own knows neither Retry-After nor media calls.
            DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
            // Request bodies are small or do not get smaller, and emulators do not unpack them.
            GZipEnabled = false,
            // Left alone, the library turns a GET with a long key into a POST.
            MaxUrlLength = 0,
        }));
        // 308 is an answer in the protocol of uploads, and nothing else here redirects.
        Http.MessageHandler.FollowRedirect = false;
    }

    /// <summary>The library's client. Its calls are made through <see cref="CallAsync"/>, with <see cref="RetryOptions.Never"/>.</summary>
    public StorageClient Storage { get; }

    public GcsAddresses Addresses { get; }

    public GcsCredentials Credentials { get; }

    public GcsRetry Retry { get; }

    public UploadBuffers Buffers { get; }

    public GcsOptions Options { get; }

    /// <summary>The store of a location such as <c>gs://bucket/prefix</c>; it costs nothing.</summary>
    /// <param name="bucket">Name of the bucket.</param>
    /// <param name="path">The path of the location, with or without slashes around it.</param>
    public GcsBlobStore Open(string bucket, string path) => new(this, new GcsBucket(this, bucket), path.Trim('/'));

    /// <summary>Makes a call of the library, and says in a sentence for the operator why it failed.</summary>
    /// <exception cref="StoreException">It did.</exception>
    public async Task<T> CallAsync<T>(GcsCall call, Func<Task<T>> send)
    {
        try
        {
            return await send();
        }
        catch (GoogleApiException e)
        {
            throw GcsErrors.OfAnswer(call, e.HttpStatusCode, GcsErrors.MessageOf(e), Credentials.Principal);
        }
        catch (ArgumentException e) when (e.ParamName == "bucket")
        {
            throw new StoreException(
                $"The {call.Subject} of Google Cloud Storage cannot exist ({e.Message}). Correct the artifact location.", isTemporary: false, e);
        }
        catch (Exception e) when (GcsRetry.IsTemporary(e))
        {
            throw GcsErrors.Unreachable(Addresses.Endpoint, e);
        }
    }

    /// <summary>Sends a request that the library does not know, with its credentials; sending it twice has to be as good as once.</summary>
    /// <returns>A success, or an answer that the call expects; its body has not been read.</returns>
    /// <exception cref="StoreException">Every other outcome.</exception>
    public async Task<HttpResponseMessage> SendAsync(GcsCall call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await CallAsync(call, () => Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken));
        if (call.Accepts(response.StatusCode))
            return response;
        using (response)
            throw await FailureOfAsync(call, response, cancellationToken);
    }

    /// <summary>Sends a request one time.</summary>
    /// <exception cref="HttpRequestException">The connection failed.</exception>
    /// <exception cref="TimeoutException">Nothing came back.</exception>
    public Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(GcsRetryHandler.Once, true);
        return Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>The object that an answer describes.</summary>
    public async Task<GcsObject> ParseAsync(HttpResponseMessage response) =>
        GcsObject.Of(await Storage.Service.DeserializeResponse<Google.Apis.Storage.v1.Data.Object>(response));

    public async Task<StoreException> FailureOfAsync(GcsCall call, HttpResponseMessage response, CancellationToken cancellationToken) =>
        GcsErrors.OfAnswer(call, response.StatusCode, await GcsErrors.MessageOfAsync(response, cancellationToken), Credentials.Principal);

    public void Dispose() => Storage.Dispose();

    private ConfigurableHttpClient Http => Storage.Service.HttpClient;
}
