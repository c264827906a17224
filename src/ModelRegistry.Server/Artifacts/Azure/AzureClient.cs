using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>
/// The REST API of Azure Blob Storage over Azure's own pipeline (retries, tokens), one per process for all accounts.
/// </summary>
/// <remarks>Not Azure.Storage.Blobs: what it depends on is not on every feed, and a dozen calls are all that is needed.</remarks>
internal sealed class AzureClient : IDisposable
{
    public const string Version = "2023-11-03";

    private const int Retries = 5;
    private const string Scope = "https://storage.azure.com/.default";
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(5);

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        ConnectTimeout = TimeSpan.FromSeconds(10),
    }) { Timeout = Timeout.InfiniteTimeSpan };

    private readonly HttpPipeline pipeline;

    public AzureClient(AzureSettings settings, UploadBuffers buffers, TokenCredential? credential = null)
    {
        (Settings, Buffers) = (settings, buffers);
        var options = new PipelineOptions { Transport = new HttpClientTransport(http) };
        (options.Diagnostics.IsLoggingEnabled, options.Diagnostics.IsTelemetryEnabled, options.Diagnostics.IsDistributedTracingEnabled) = (false, false, false);
        (options.Retry.MaxRetries, options.Retry.NetworkTimeout) = (Retries, TimeLimit);
        pipeline = HttpPipelineBuilder.Build(options, [], [Authentication(settings, credential)], new ResponseClassifier());
    }

    public AzureSettings Settings { get; }

    public UploadBuffers Buffers { get; }

    public void Dispose() => http.Dispose();

    /// <summary>Sends a request and takes the answer, whatever its status.</summary>
    /// <param name="container">Where, for messages and signatures.</param>
    /// <param name="request">Method, address, headers, content.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="StoreException">There was no answer, or it says that the server is not allowed or not able to do this at all.</exception>
    public async Task<AzureAnswer> SendAsync(AzureContainer container, AzureRequest request, CancellationToken cancellationToken)
    {
        var message = pipeline.CreateMessage();
        try
        {
            Fill(message, container, request);
            await pipeline.SendAsync(message, cancellationToken);
            if (AzureErrors.Find(message.Response, container, request) is { } failure)
                throw failure;
            return new AzureAnswer(message);
        }
        catch (Exception e)
        {
            message.Dispose();
            if (AzureErrors.Translate(e, container, cancellationToken) is { } failure)
                throw failure;
            throw;
        }
    }

    private void Fill(HttpMessage message, AzureContainer container, AzureRequest request)
    {
        message.BufferResponse = !request.IsStreamed;
        message.SetProperty(AzureKeyPolicy.Account, container.Account);
        message.Request.Method = request.Method;
        message.Request.Uri.Reset(new Uri(WithSas(container, request.Url)));
        message.Request.Headers.Add("x-ms-version", Version);
        foreach (var (name, value) in request.Headers)
            message.Request.Headers.Add(name, value);
        if (request.Content is { } content)
        {
            message.Request.Content = RequestContent.Create(content);
            message.Request.Headers.SetValue("Content-Length", content.Length.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>A token of one account is not shown to another.</summary>
    private string WithSas(AzureContainer container, string url) => Settings.SasToken is not { } token ? url
        : container.Account == Settings.Account ? url + (url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + token
        : throw new StoreException(
            $"AZURE_STORAGE_SAS_TOKEN is not for the account '{container.Account}'; name the account it is for in AZURE_STORAGE_ACCOUNT.", isTemporary: false);

    private static HttpPipelinePolicy Authentication(AzureSettings settings, TokenCredential? credential) => settings switch
    {
        { Key: { } key } => new AzureKeyPolicy(key),
        { SasToken: not null } => new NoAuthentication(),
        _ => new BearerTokenAuthenticationPolicy(credential ?? new DefaultAzureCredential(), Scope),
    };

    private sealed class PipelineOptions : ClientOptions;

    private sealed class NoAuthentication : HttpPipelineSynchronousPolicy;
}

/// <summary>A request to the service.</summary>
internal sealed record AzureRequest(RequestMethod Method, string Url)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>Whether the answer's body is read while it comes.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>What the call needs, for messages: the name of a role or of a permission.</summary>
    public string Needs { get; init; } = "Storage Blob Data Contributor";
}

/// <summary>An answer of the service; disposing it gives the connection back.</summary>
internal sealed class AzureAnswer(HttpMessage message) : IDisposable
{
    public int Status => message.Response.Status;

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Azure's code of an error, such as <c>BlobNotFound</c>.</summary>
    public string? Error => Header("x-ms-error-code");

    public string? Header(string name) => message.Response.Headers.TryGetValue(name, out var value) ? value : null;

    public Stream Body => message.Response.ContentStream ?? Stream.Null;

    public void Dispose() => message.Dispose();
}
