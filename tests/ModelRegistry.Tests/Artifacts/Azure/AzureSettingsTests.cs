using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Azure;
using ModelRegistry.Server.Python;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Azure;

[Trait("Database", "SQLite")]
public sealed class AzureSettingsTests
{
    [Theory]
    [InlineData("wasbs://models@acct.blob.core.windows.net/a/b", "https://acct.blob.core.windows.net/models")]
    [InlineData("abfss://models@acct.dfs.core.windows.net/a", "https://acct.blob.core.windows.net/models")]
    [InlineData("wasb://models@acct.blob.core.chinacloudapi.cn", "https://acct.blob.core.chinacloudapi.cn/models")]
    [InlineData("abfs://$root@acct.dfs.core.usgovcloudapi.net/", "https://acct.blob.core.usgovcloudapi.net/$root")]
    public void A_location_names_a_container_of_an_account(string uri, string expected) =>
        Assert.Equal(new Uri(expected), AzureContainer.Of(PythonUrl.Parse(uri), new AzureSettings()).Url);

    [Theory]
    [InlineData("wasbs://models@acct.example.com/a")]
    [InlineData("wasbs://models@acct.blob.core.windows.net.example.com/a")]
    [InlineData("wasbs://models@acct.blob.core.windows.net:8080/a")]
    [InlineData("wasbs://models@example.com%2F.blob.core.windows.net/a")]
    [InlineData("wasbs://acct.blob.core.windows.net/a")]
    [InlineData("wasbs://user:secret@models@acct.blob.core.windows.net/a")]
    public void No_other_host_gets_to_see_the_credentials(string uri) =>
        Assert.Throws<StoreException>(() => AzureContainer.Of(PythonUrl.Parse(uri), new AzureSettings()));

    [Fact]
    public void A_connection_string_says_where_the_account_is()
    {
        var named = Settings(("AZURE_STORAGE_CONNECTION_STRING", "DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=a2V5;EndpointSuffix=core.windows.net"));
        var signed = Settings(("AZURE_STORAGE_CONNECTION_STRING", "BlobEndpoint=https://acct.blob.core.windows.net;SharedAccessSignature=?sv=1&sig=x"));

        Assert.Equal(("acct", new Uri("https://acct.blob.core.windows.net/")), (named.Account, named.Endpoint));
        Assert.Equal(("acct", "sv=1&sig=x", null), (signed.Account, signed.SasToken, signed.Key));
    }

    [Theory]
    [InlineData("AZURE_STORAGE_CONNECTION_STRING", "AccountName=acct")]
    [InlineData("AZURE_STORAGE_CONNECTION_STRING", "nonsense")]
    [InlineData("AZURE_STORAGE_CONNECTION_STRING", "BlobEndpoint=nowhere;AccountKey=a2V5")]
    [InlineData("AZURE_STORAGE_ACCESS_KEY", "no base64!")]
    public void A_variable_that_makes_no_sense_is_named(string name, string value) =>
        Assert.Contains(name, Assert.Throws<StoreException>(() => Settings((name, value))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_token_of_one_account_is_not_shown_to_another()
    {
        using var buffers = new UploadBuffers();
        using var client = new AzureClient(Settings(("AZURE_STORAGE_SAS_TOKEN", "?sv=1&sig=secret"), ("AZURE_STORAGE_ACCOUNT", "ours")), buffers);
        var store = AzureBlobStore.Of(client, PythonUrl.Parse("wasbs://models@theirs.blob.core.windows.net/"));

        var failure = await Assert.ThrowsAsync<StoreException>(() => store.NamesAsync(""));

        Assert.Contains("AZURE_STORAGE_ACCOUNT", failure.Message, StringComparison.Ordinal);
        Assert.IsNotAssignableFrom<IPresigning>(store);
    }

    private static AzureSettings Settings(params (string Name, string Value)[] environment) =>
        AzureSettings.From(name => environment.FirstOrDefault(variable => variable.Name == name).Value);
}
