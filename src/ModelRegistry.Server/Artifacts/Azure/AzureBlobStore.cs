using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>A folder of a container of Azure Blob Storage. Cheap: what costs is the <see cref="AzureClient"/>.</summary>
/// <param name="client">The client.</param>
/// <param name="container">The container.</param>
/// <param name="root">What the names of this store begin with, without slashes at its ends; empty for the whole container.</param>
internal class AzureBlobStore(AzureClient client, AzureContainer container, string root) : IBlobStore
{
    private const int ParallelDeletes = 16;

    protected AzureContainer Container => container;

    /// <summary>The store of a location; it signs addresses when there is an account key to sign them with.</summary>
    /// <exception cref="StoreException">The location is not one of Azure.</exception>
    public static AzureBlobStore Of(AzureClient client, PythonUrl uri)
    {
        var (container, root) = (AzureContainer.Of(uri, client.Settings), uri.Path.Trim('/'));
        return client.Settings.Key is { } key
            ? new SigningAzureBlobStore(client, container, root, new StorageSharedKeyCredential(container.Account, key))
            : new AzureBlobStore(client, container, root);
    }

    public async Task<IBlob?> OpenAsync(ArtifactPath path, CancellationToken cancellationToken)
    {
        if (!path.IsRoot && await AzureBlob.OpenAsync(BlobOf(path), container, cancellationToken) is { } blob)
            return blob;
        await foreach (var _ in BlobsAsync(PrefixOf(path), BlobStates.None, 1, cancellationToken))
            throw ApiException.Invalid($"Artifact '{path}' is a directory and cannot be downloaded as a file.");
        return null;
    }

    public async Task<BlobReceipt> WriteAsync(
        ArtifactPath path, IAsyncEnumerable<ReadOnlyMemory<byte>> content, long? length, CancellationToken cancellationToken)
    {
        RequireFile(path);
        await using var parts = new PartReader(content, length, AzureUpload.MaxBlocks, client.Buffers, cancellationToken);
        return await new AzureUpload(BlobOf(path), container).WriteAsync(parts, cancellationToken);
    }

    public async Task<IReadOnlyList<BlobEntry>> ListAsync(ArtifactPath folder, CancellationToken cancellationToken)
    {
        var prefix = PrefixOf(folder);
        var options = new GetBlobsByHierarchyOptions { Traits = BlobTraits.Metadata, Prefix = prefix, Delimiter = "/" };
        var entries = new List<BlobEntry>();
        await foreach (var item in ItemsAsync(client.Open(container).GetBlobsByHierarchyAsync(options, cancellationToken), null, cancellationToken))
        {
            if (item.IsPrefix)
                entries.Add(new BlobEntry(item.Prefix[prefix.Length..^1], true, null));
            else if (!AzureBlob.IsFolder(item.Blob.Metadata))
                entries.Add(new BlobEntry(item.Blob.Name[prefix.Length..], false, item.Blob.Properties.ContentLength ?? 0));
        }

        return [.. entries.Where(entry => entry.Name.Length > 0).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    public async IAsyncEnumerable<BlobFile> ListAllAsync(ArtifactPath folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blob in BlobsAsync(PrefixOf(folder), BlobStates.None, null, cancellationToken))
        {
            if (AzureBlob.IsFolder(blob.Metadata) || blob.Name.EndsWith('/'))
                continue;
            var properties = blob.Properties;
            yield return new BlobFile(
                PathOf(blob.Name), properties.ContentLength ?? 0, LastModified(blob) ?? DateTimeOffset.UnixEpoch, AzureBlob.ChecksumOf(properties.ContentHash));
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
            await foreach (var blob in BlobsAsync(PrefixOf(path), BlobStates.None, null, cancellationToken))
            {
                if (AzureBlob.IsFolder(blob.Metadata))
                    folders.Push(blob.Name);
                else
                    yield return blob.Name;
            }
        }
    }

    /// <param name="prefix">What the names begin with.</param>
    /// <param name="states">Which blobs besides those that are there.</param>
    /// <param name="pageSize">How many to ask for at once; null for as many as Azure gives.</param>
    /// <param name="cancellationToken">Gives the listing up.</param>
    protected IAsyncEnumerable<BlobItem> BlobsAsync(string prefix, BlobStates states, int? pageSize, CancellationToken cancellationToken)
    {
        // With their metadata, for that is where a listing says which of them are folders.
        var options = new GetBlobsOptions { Traits = BlobTraits.Metadata, States = states, Prefix = prefix };
        return ItemsAsync(client.Open(container).GetBlobsAsync(options, cancellationToken), pageSize, cancellationToken);
    }

    protected Task DeleteBlobAsync(string name, CancellationToken cancellationToken)
    {
        var blob = client.Open(container).GetBlockBlobClient(name);
        return new AzureCall(container, $"Azure does not delete '{name}'")
            .RunAsync(blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken), cancellationToken);
    }

    protected BlockBlobClient BlobOf(ArtifactPath path) => client.Open(container).GetBlockBlobClient(KeyOf(path));

    /// <summary>When a blob was written; of one that is but blocks, when the first of them came.</summary>
    protected static DateTimeOffset? LastModified(BlobItem blob) => blob.Properties.LastModified ?? blob.Properties.CreatedOn;

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

    private async IAsyncEnumerable<T> ItemsAsync<T>(AsyncPageable<T> listing, int? pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : notnull
    {
        var call = new AzureCall(container, $"Azure does not list the container '{container.Name}'");
        await using var pages = listing.AsPages(null, pageSize).GetAsyncEnumerator(cancellationToken);
        while (await call.RunAsync(pages.MoveNextAsync().AsTask(), cancellationToken))
        {
            foreach (var item in pages.Current.Values)
                yield return item;
        }
    }
}
