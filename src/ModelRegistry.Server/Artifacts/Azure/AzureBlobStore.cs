using System.Runtime.CompilerServices;
using Azure.Core;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>A folder of a container of Azure Blob Storage. Cheap: what costs is the <see cref="AzureClient"/>.</summary>
/// <param name="client">The client.</param>
/// <param name="container">The container.</param>
/// <param name="root">What the names of this store begin with, without slashes at its ends; empty for the whole container.</param>
internal class AzureBlobStore(AzureClient client, AzureContainer container, string root) : IBlobStore
{
    private const int ParallelDeletes = 16;

    protected AzureClient Client => client;

    protected AzureContainer Container => container;

    /// <summary>The store of a location; it signs addresses when there is an account key to sign them with.</summary>
    /// <exception cref="StoreException">The location is not one of Azure.</exception>
    public static AzureBlobStore Of(AzureClient client, PythonUrl uri)
    {
        var (container, root) = (AzureContainer.Of(uri, client.Settings), uri.Path.Trim('/'));
        return client.Settings.Key is { } key ? new SigningAzureBlobStore(client, container, root, key) : new AzureBlobStore(client, container, root);
    }

    public async Task<IBlob?> OpenAsync(ArtifactPath path, CancellationToken cancellationToken)
    {
        if (!path.IsRoot && await AzureBlob.OpenAsync(client, PlaceOf(path), cancellationToken) is { } blob)
            return blob;
        await foreach (var _ in BlobsAsync(PrefixOf(path), "", 1, cancellationToken))
            throw ApiException.Invalid($"Artifact '{path}' is a directory and cannot be downloaded as a file.");
        return null;
    }

    public async Task<BlobReceipt> WriteAsync(
        ArtifactPath path, IAsyncEnumerable<ReadOnlyMemory<byte>> content, long? length, CancellationToken cancellationToken)
    {
        RequireFile(path);
        await using var parts = new PartReader(content, length, AzureUpload.MaxBlocks, client.Buffers, cancellationToken);
        return await new AzureUpload(client, PlaceOf(path)).WriteAsync(parts, cancellationToken);
    }

    public async Task<IReadOnlyList<BlobEntry>> ListAsync(ArtifactPath folder, CancellationToken cancellationToken)
    {
        var prefix = PrefixOf(folder);
        var entries = new List<BlobEntry>();
        await foreach (var page in PagesAsync(prefix, "&delimiter=%2F", cancellationToken))
        {
            entries.AddRange(page.Prefixes.Select(below => new BlobEntry(below[prefix.Length..^1], true, null)));
            entries.AddRange(page.Blobs.Where(blob => !blob.IsFolder).Select(blob => new BlobEntry(blob.Name[prefix.Length..], false, blob.Size)));
        }

        return [.. entries.Where(entry => entry.Name.Length > 0).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    public async IAsyncEnumerable<BlobFile> ListAllAsync(ArtifactPath folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blob in BlobsAsync(PrefixOf(folder), "", null, cancellationToken))
        {
            if (!blob.IsFolder && !blob.Name.EndsWith('/'))
                yield return new BlobFile(PathOf(blob.Name), blob.Size, blob.LastModified ?? DateTimeOffset.UnixEpoch, AzureBlob.ChecksumOf(blob.Md5));
        }
    }

    public async Task DeleteAsync(ArtifactPath path, CancellationToken cancellationToken)
    {
        if (path.IsRoot)
            throw ArtifactPath.Refused();
        var folders = new Stack<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelDeletes, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(FilesAsync(), options, async (name, token) => await DeleteBlobAsync(name, token));
        // Real folders go when they are empty, the deepest first, and the one that was named last.
        while (folders.TryPop(out var folder))
            await DeleteBlobAsync(folder, cancellationToken);
        await DeleteBlobAsync(KeyOf(path), cancellationToken);

        async IAsyncEnumerable<string> FilesAsync()
        {
            await foreach (var blob in BlobsAsync(PrefixOf(path), "", null, cancellationToken))
            {
                if (blob.IsFolder)
                    folders.Push(blob.Name);
                else
                    yield return blob.Name;
            }
        }
    }

    protected async IAsyncEnumerable<AzureItem> BlobsAsync(
        string prefix, string parameters, int? most, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(prefix, parameters + (most is null ? "" : $"&maxresults={most}"), cancellationToken))
        {
            foreach (var blob in page.Blobs)
                yield return blob;
        }
    }

    protected async Task DeleteBlobAsync(string name, CancellationToken cancellationToken)
    {
        var request = new AzureRequest(RequestMethod.Delete, container.Blob(name).Url) { Headers = new Dictionary<string, string> { ["x-ms-delete-snapshots"] = "include" } };
        using var answer = await client.SendAsync(container, request, cancellationToken);
        if (!answer.IsSuccess && answer.Status != 404)
            throw new StoreException($"Azure does not delete '{name}' ({answer.Status} {answer.Error}).", isTemporary: false);
    }

    protected AzureBlobPlace PlaceOf(ArtifactPath path) => container.Blob(KeyOf(path));

    protected string PrefixOf(ArtifactPath folder) => KeyOf(folder) is { Length: > 0 } key ? key + "/" : "";

    protected ArtifactPath PathOf(string name) => ArtifactPath.OfKey(root.Length == 0 ? name : name[(root.Length + 1)..]);

    protected static void RequireFile(ArtifactPath path)
    {
        if (!path.IsFile)
            throw ApiException.Invalid($"Invalid path: '{path}' is a directory");
        // Azure takes it for a slash, and would list another file than the one that was written.
        if (path.Key.Contains('\\', StringComparison.Ordinal))
            throw ApiException.Invalid($"Invalid path: Azure takes no backslash in names: '{path}'");
    }

    private string KeyOf(ArtifactPath path) => root.Length == 0 ? path.Key : path.IsRoot ? root : $"{root}/{path.Key}";

    private async IAsyncEnumerable<AzureListing> PagesAsync(string prefix, string parameters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var address = $"{container.Url}?restype=container&comp=list&prefix={Uri.EscapeDataString(prefix)}{parameters}";
        string? marker = null;
        do
        {
            var request = new AzureRequest(RequestMethod.Get, marker is null ? address : $"{address}&marker={Uri.EscapeDataString(marker)}");
            using var answer = await client.SendAsync(container, request, cancellationToken);
            if (!answer.IsSuccess)
                throw new StoreException($"Azure does not list the container '{container.Name}' ({answer.Status} {answer.Error}).", isTemporary: false);
            var page = await AzureListing.ReadAsync(answer.Body, cancellationToken);
            yield return page;
            marker = page.Next;
        }
        while (marker is not null);
    }
}
