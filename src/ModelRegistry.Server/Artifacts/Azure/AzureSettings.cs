namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>How Azure Blob Storage is reached, from the environment variables that Azure's tools and MLflow read.</summary>
internal sealed class AzureSettings
{
    private const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>Base address of the account that a connection string names; null leaves it to each location.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The account of <see cref="Endpoint"/>, or the one that <see cref="SasToken"/> is for: <c>AZURE_STORAGE_ACCOUNT</c>.</summary>
    public string? Account { get; init; }

    /// <summary>Signs requests and addresses; null when there is no account key.</summary>
    public string? Key { get; init; }

    /// <summary><c>AZURE_STORAGE_SAS_TOKEN</c>: goes with every request, in place of a key.</summary>
    public string? SasToken { get; init; }

    /// <exception cref="StoreException">A variable makes no sense.</exception>
    public static AzureSettings From(Func<string, string?> environment)
    {
        string? Get(string name) => environment(name) is { Length: > 0 } value ? value : null;
        if (Get("AZURE_STORAGE_CONNECTION_STRING") is { } connection)
            return OfConnectionString(connection);
        return new AzureSettings
        {
            Account = Get("AZURE_STORAGE_ACCOUNT"),
            Key = Get("AZURE_STORAGE_ACCESS_KEY") is { } key ? RequireKey(key, "AZURE_STORAGE_ACCESS_KEY") : null,
            SasToken = Get("AZURE_STORAGE_SAS_TOKEN")?.TrimStart('?'),
        };
    }

    private static AzureSettings OfConnectionString(string text)
    {
        var fields = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(field => field.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair.Length == 2 ? pair[1] : "", StringComparer.OrdinalIgnoreCase);
        if (fields.GetValueOrDefault("UseDevelopmentStorage") is "true")
            return Of("devstoreaccount1", "http://127.0.0.1:10000/devstoreaccount1", DevelopmentKey, null);
        var account = fields.GetValueOrDefault("AccountName");
        var endpoint = fields.GetValueOrDefault("BlobEndpoint")
            ?? $"{fields.GetValueOrDefault("DefaultEndpointsProtocol", "https")}://{account}.blob.{fields.GetValueOrDefault("EndpointSuffix", "core.windows.net")}";
        return Of(account, endpoint, fields.GetValueOrDefault("AccountKey"), fields.GetValueOrDefault("SharedAccessSignature"));
    }

    private static AzureSettings Of(string? account, string endpoint, string? key, string? sas)
    {
        if (!Uri.TryCreate(endpoint.TrimEnd('/') + "/", UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw Wrong("names no blob endpoint");
        account ??= url.Host.Split('.')[0];
        if (key is null && sas is null)
            throw Wrong("has neither AccountKey nor SharedAccessSignature");
        return new AzureSettings
        {
            Endpoint = url,
            Account = account,
            Key = key is null ? null : RequireKey(key, "AZURE_STORAGE_CONNECTION_STRING"),
            SasToken = key is null ? sas!.TrimStart('?') : null,
        };
    }

    private static string RequireKey(string key, string variable) => Convert.TryFromBase64String(key.Trim(), new byte[key.Length], out _) ? key.Trim()
        : throw new StoreException($"The account key in {variable} is not base64; copy it again from the storage account.", isTemporary: false);

    private static StoreException Wrong(string what) => new($"AZURE_STORAGE_CONNECTION_STRING {what}; copy it again from the storage account.", isTemporary: false);
}
