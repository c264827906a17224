namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>URLs of Google Cloud Storage that the library does not make. What stands in them is escaped already, and <see cref="Uri"/> is kept from changing it.</summary>
/// <param name="endpoint">Scheme and host, perhaps a path; no slash at the end.</param>
internal sealed class GcsAddresses(string endpoint)
{
    /// <summary>Longest name of an object, in bytes of UTF-8.</summary>
    public const int MaxKeyBytes = 1024;

    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public string Endpoint => endpoint;

    /// <summary>Where new objects are sent.</summary>
    public Uri Upload(string bucket, string query) => Parse($"{endpoint}/upload/storage/v1/b/{Escape(bucket)}/o?{query}");

    /// <summary>An object (or, without key, a bucket) of the XML API, which knows uploads in parts.</summary>
    public Uri Xml(string bucket, string key, string query) =>
        Parse($"{endpoint}/{Escape(bucket)}/{Escape(key).Replace("%2F", "/", StringComparison.Ordinal)}?{query}");

    public static Uri Parse(string url) => new(url, AsItIs);

    /// <summary>Escapes all but letters, digits and <c>-._~</c>.</summary>
    public static string Escape(string text) => Uri.EscapeDataString(text);
}
