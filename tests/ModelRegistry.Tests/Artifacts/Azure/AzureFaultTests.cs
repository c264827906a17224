using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Azure;
using ModelRegistry.Server.Python;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Azure;

[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class AzureFaultTests : StoreFaultTests
{
    /// <summary>The end of the id of a second block, in base64 and percent-encoded.</summary>
    private static readonly string Second = Uri.EscapeDataString(AzureUpload.BlockId("0123456789abcdef", 2)[^8..]);

    private AzurePlace place = null!;

    private protected override IBlobStore Store => place.Open("runs");

    protected override string SecondPart => Second;

    protected override string Completion => "comp=blocklist";

    public override Task DisposeAsync()
    {
        place.Dispose();
        return base.DisposeAsync();
    }

    [StoreFact]
    public async Task What_the_operator_has_to_mend_is_said_in_a_sentence()
    {
        var missing = AzureBlobStore.Of(place.Client, PythonUrl.Parse($"wasbs://no-such-container@{AzurePlace.AccountName}.blob.core.windows.net/"));
        var key = Convert.ToBase64String("another"u8);
        using var buffers = new UploadBuffers();
        using var stranger = Client($"AccountName={AzurePlace.AccountName};AccountKey={key};BlobEndpoint={Proxy.Url.ToString().TrimEnd('/')}/{AzurePlace.AccountName}", buffers);
        using var nowhere = Client($"AccountName={AzurePlace.AccountName};AccountKey={key};BlobEndpoint=http://127.0.0.1:9/{AzurePlace.AccountName}", buffers);

        Assert.Contains("Create the container", await MessageAsync(missing), StringComparison.Ordinal);
        Assert.Contains("refuses its kind of credential", await MessageAsync(AzureBlobStore.Of(stranger, PythonUrl.Parse(place.UriOf("")))), StringComparison.Ordinal);
        Assert.Contains("cannot be reached at http://127.0.0.1:9", (await Assert.ThrowsAsync<StoreException>(
            () => AzureBlobStore.Of(nowhere, PythonUrl.Parse(place.UriOf(""))).NamesAsync(""))).Message, StringComparison.Ordinal);
    }

    private protected override async Task<FaultyProxy> StartAsync()
    {
        FaultyProxy? proxy = null;
        place = await AzurePlace.CreateAsync(store => (proxy = FaultyProxy.Start(store)).Url);
        return proxy!;
    }

    /// <summary>Blocks that nobody commits are not seen and go by themselves.</summary>
    protected override Task<int> CountUnfinishedAsync() => Task.FromResult(0);

    private static AzureClient Client(string connection, UploadBuffers buffers) =>
        new(AzureSettings.From(name => name == "AZURE_STORAGE_CONNECTION_STRING" ? connection : null), buffers);

    private static async Task<string> MessageAsync(IBlobStore store)
    {
        var failures = new[]
        {
            await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync("x", "x")),
            await Assert.ThrowsAsync<StoreException>(() => store.NamesAsync("")),
            await Assert.ThrowsAsync<StoreException>(() => store.DeleteAsync("x")),
        };
        return Assert.Single(failures.Select(failure => failure.Message).Distinct());
    }
}
