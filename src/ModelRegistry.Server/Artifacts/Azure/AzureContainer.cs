using System.Text.RegularExpressions;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>A container of a storage account.</summary>
/// <param name="Account">Name of the account.</param>
/// <param name="Name">Name of the container.</param>
/// <param name="Endpoint">The account's blob endpoint, with a slash at the end.</param>
internal sealed partial record AzureContainer(string Account, string Name, Uri Endpoint)
{
    public Uri Url => new(Endpoint, Name);

    /// <summary>Reads <c>wasbs://CONTAINER@ACCOUNT.blob.core.windows.net/…</c> and <c>abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/…</c>.</summary>
    /// <remarks>Only Azure's own hosts: a location comes from a client, and the server's credentials must not go elsewhere.</remarks>
    /// <exception cref="StoreException">It is not of that form.</exception>
    public static AzureContainer Of(PythonUrl uri, AzureSettings settings)
    {
        if (Location().Match(uri.Authority) is not { Success: true } match)
        {
            throw new StoreException(
                "The location is not of the form wasbs://CONTAINER@ACCOUNT.blob.core.windows.net/PATH or abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH "
                + "(or with core.chinacloudapi.cn or core.usgovcloudapi.net).", isTemporary: false);
        }

        var (name, account, suffix) = (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
        return settings.Endpoint is { } endpoint
            ? new AzureContainer(settings.Account!, name, endpoint)
            : new AzureContainer(account, name, new Uri($"https://{account}.blob.{suffix}/"));
    }

    [GeneratedRegex(@"^([a-z0-9$][a-z0-9-]*)@([a-z0-9-]+)\.(?:blob|dfs)\.(core\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net))$")]
    private static partial Regex Location();
}
