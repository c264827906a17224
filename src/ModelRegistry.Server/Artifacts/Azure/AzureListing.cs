using System.Globalization;
using System.Xml.Linq;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>A page of a listing of blobs.</summary>
/// <param name="Blobs">Blobs, and with them the folders of accounts that have real ones.</param>
/// <param name="Prefixes">Folders, with a slash at the end, when the listing stops at slashes.</param>
/// <param name="Next">Where the next page begins; null after the last.</param>
internal sealed record AzureListing(IReadOnlyList<AzureItem> Blobs, IReadOnlyList<string> Prefixes, string? Next)
{
    public static async Task<AzureListing> ReadAsync(Stream xml, CancellationToken cancellationToken)
    {
        var root = (await XDocument.LoadAsync(xml, LoadOptions.PreserveWhitespace, cancellationToken)).Root!;
        var blobs = root.Element("Blobs");
        return new AzureListing(
            [.. blobs?.Elements("Blob").Select(Item) ?? []],
            [.. blobs?.Elements("BlobPrefix").Select(NameOf) ?? []],
            root.Element("NextMarker")?.Value is { Length: > 0 } next ? next : null);
    }

    private static AzureItem Item(XElement blob)
    {
        string? Property(string name) => blob.Element("Properties")?.Element(name)?.Value is { Length: > 0 } value ? value : null;
        DateTimeOffset? Time(string name) => Property(name) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : null;
        return new AzureItem(NameOf(blob), long.Parse(Property("Content-Length") ?? "0", CultureInfo.InvariantCulture))
        {
            LastModified = Time("Last-Modified") ?? Time("Creation-Time"),
            Md5 = Property("Content-MD5"),
            IsFolder = Property("ResourceType") == "directory",
            // Of blobs that are but blocks, Azure says neither tag nor type, and azurite no type.
            IsCommitted = Property("Content-Type") is not null,
        };
    }

    /// <summary>Names with characters that XML has no place for come percent-encoded, and marked.</summary>
    private static string NameOf(XElement element)
    {
        var name = element.Element("Name")!;
        return (string?)name.Attribute("Encoded") == "true" ? Uri.UnescapeDataString(name.Value) : name.Value;
    }
}

/// <summary>A blob in a listing.</summary>
internal sealed record AzureItem(string Name, long Size)
{
    public DateTimeOffset? LastModified { get; init; }

    public string? Md5 { get; init; }

    /// <summary>A folder of an account with a hierarchical namespace, which is a blob of no size.</summary>
    public bool IsFolder { get; init; }

    /// <summary>Whether it has content; else there are but blocks that nobody has put together.</summary>
    public bool IsCommitted { get; init; }
}
