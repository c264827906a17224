using System.Globalization;
using System.Text;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Azure;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Tests.Artifacts.Azure;

/// <summary>A new container of the Azure Blob Storage for tests, and a client of it.</summary>
internal sealed class AzurePlace : IDisposable
{
    public const string AccountName = "testaccount";

    private const int ParallelWrites = 32;
    private static readonly string Key = Convert.ToBase64String(Encoding.ASCII.GetBytes(StorePeer.SecretKey));
    private static int count;

    private readonly UploadBuffers buffers = new();

    private AzurePlace(Uri endpoint, string container)
    {
        Container = container;
        Environment = new()
        {
            ["AZURE_STORAGE_CONNECTION_STRING"] = $"AccountName={AccountName};AccountKey={Key};BlobEndpoint={endpoint.ToString().TrimEnd('/')}/{AccountName}",
        };
        Client = new AzureClient(AzureSettings.From(name => Environment.GetValueOrDefault(name)), buffers);
    }

    public string Container { get; }

    public AzureClient Client { get; }

    /// <summary>What a server process needs to reach it.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <param name="endpoint">Where the client finds the store, if not at its own address.</param>
    public static async Task<AzurePlace> CreateAsync(Func<Uri, Uri>? endpoint = null)
    {
        var peer = await StorePeer.AzureAsync();
        var name = $"container-{Interlocked.Increment(ref count)}";
        using (var direct = new AzurePlace(peer.Url, name))
        {
            var container = AzureContainer.Of(PythonUrl.Parse(direct.UriOf("")), direct.Client.Settings);
            await direct.Client.Open(container).CreateAsync();
        }

        return new AzurePlace(endpoint is null ? peer.Url : endpoint(peer.Url), name);
    }

    public string UriOf(string path) => $"wasbs://{Container}@{AccountName}.blob.core.windows.net/{path}";

    public AzureBlobStore Open(string path = "") => AzureBlobStore.Of(Client, PythonUrl.Parse(UriOf(path)));

    /// <summary>Puts one-byte files <c>0000</c>, <c>0001</c> … into a folder.</summary>
    public Task FillAsync(string folder, int files) => Parallel.ForEachAsync(
        Enumerable.Range(0, files), new ParallelOptions { MaxDegreeOfParallelism = ParallelWrites },
        async (i, _) => await Open(folder).WriteAsync(i.ToString("d4", CultureInfo.InvariantCulture), "1"));

    public void Dispose()
    {
        Client.Dispose();
        buffers.Dispose();
    }
}
