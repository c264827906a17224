using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>The library's clients of all storage accounts, over one transport and with one credential.</summary>
internal sealed class AzureClient : IDisposable
{
    private const int Retries = 5;

    /// <summary>Locations of experiments can name any account, so there is an end to remembering.</summary>
    private const int MostAccounts = 256;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.8);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromMinutes(5);

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        ConnectTimeout = TimeSpan.FromSeconds(10),
    }) { Timeout = Timeout.InfiniteTimeSpan };

    private readonly BlobClientOptions options;
    private readonly Lazy<TokenCredential> identity;

    /// <summary>By endpoint. Each holds the pipeline, and in it the token, that its containers and blobs share.</summary>
    private readonly ConcurrentDictionary<Uri, BlobServiceClient> accounts = new();

    public AzureClient(AzureSettings settings, UploadBuffers buffers, TokenCredential? credential = null)
    {
        (Settings, Buffers) = (settings, buffers);
        options = Options(http);
        identity = new(() => credential ?? new DefaultAzureCredential());
    }

    public AzureSettings Settings { get; }

    public UploadBuffers Buffers { get; }

    /// <exception cref="StoreException">The SAS token is for another account.</exception>
    public BlobContainerClient Open(AzureContainer container)
    {
        if (!accounts.TryGetValue(container.Endpoint, out var account))
        {
            account = Connect(container);
            if (accounts.Count < MostAccounts)
                account = accounts.GetOrAdd(container.Endpoint, account);
        }

        return account.GetBlobContainerClient(container.Name);
    }

    public void Dispose() => http.Dispose();

    private BlobServiceClient Connect(AzureContainer container) => Settings switch
    {
        { Key: { } key } => new BlobServiceClient(container.Endpoint, new StorageSharedKeyCredential(container.Account, key), options),
        { SasToken: { } token } => new BlobServiceClient(container.Endpoint, new AzureSasCredential(RequireTokenOf(container, token)), options),
        _ => new BlobServiceClient(container.Endpoint, identity.Value, options),
    };

    /// <summary>A token of one account is not shown to another.</summary>
    private string RequireTokenOf(AzureContainer container, string token) => container.Account == Settings.Account ? token
        : throw new StoreException(
            $"AZURE_STORAGE_SAS_TOKEN is not for the account '{container.Account}'; name the account it is for in AZURE_STORAGE_ACCOUNT.", isTemporary: false);

    private static BlobClientOptions Options(HttpClient http)
    {
        // Not the newest version: what else speaks the protocol (azurite, Azure Stack, the national clouds) learns it later than the library.
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2023_11_03)
        {
            Transport = new HttpClientTransport(http),
            // The marker of a folder has a slash at its end, and is another blob than the one without.
            TrimBlobNameSlashes = false,
        };
        (options.Diagnostics.IsLoggingEnabled, options.Diagnostics.IsTelemetryEnabled, options.Diagnostics.IsDistributedTracingEnabled) = (false, false, false);
        (options.Retry.MaxRetries, options.Retry.NetworkTimeout) = (Retries, NetworkTimeout);
        (options.Retry.Mode, options.Retry.Delay, options.Retry.MaxDelay) = (RetryMode.Exponential, FirstPause, LongestPause);
        // Uploads say which digest they want; downloads are compared by us, before their last piece goes out.
        options.TransferValidation.Upload.ChecksumAlgorithm = StorageChecksumAlgorithm.None;
        options.TransferValidation.Download.ChecksumAlgorithm = StorageChecksumAlgorithm.None;
        return options;
    }
}
