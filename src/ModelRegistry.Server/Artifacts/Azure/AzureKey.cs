using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>The key of a storage account. It is not shown.</summary>
internal sealed class AzureKey(byte[] bytes)
{
    /// <exception cref="StoreException">It is not base64.</exception>
    public static AzureKey Parse(string text, string variable)
    {
        try
        {
            return new AzureKey(Convert.FromBase64String(text.Trim()));
        }
        catch (FormatException e)
        {
            throw new StoreException($"The account key in {variable} is not base64; copy it again from the storage account.", isTemporary: false, e);
        }
    }

    public string Sign(string text) => Convert.ToBase64String(HMACSHA256.HashData(bytes, Encoding.UTF8.GetBytes(text)));

    /// <summary>The query of a signed address (a service SAS) of one blob.</summary>
    /// <param name="place">The blob.</param>
    /// <param name="permissions">Letters in Azure's order: <c>r</c>, <c>cw</c>.</param>
    /// <param name="expires">Its end.</param>
    public string SignAddress(AzureBlobPlace place, string permissions, DateTimeOffset expires)
    {
        var until = expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var protocol = place.Container.Url.Scheme == Uri.UriSchemeHttps ? "https" : "https,http";
        string[] fields =
        [
            permissions, "", until, $"/blob/{place.Container.Account}/{place.Container.Name}/{place.Name}", "", "", protocol,
            AzureClient.Version, "b", "", "", "", "", "", "", "",
        ];
        return $"sv={AzureClient.Version}&spr={protocol}&se={Uri.EscapeDataString(until)}&sr=b&sp={permissions}"
            + $"&sig={Uri.EscapeDataString(Sign(string.Join('\n', fields)))}";
    }
}
