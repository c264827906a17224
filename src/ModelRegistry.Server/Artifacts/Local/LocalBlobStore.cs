using System.Runtime.CompilerServices;
using System.Text;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Artifacts.Local;

/// <summary>A folder of this machine. Links that lead out of it are as good as not there, for reading, writing, listing and deleting.</summary>
internal sealed class LocalBlobStore(string root) : IBlobStore
{
    /// <summary>As much as common file systems take.</summary>
    private const int MaxNameBytes = 255;

    private const int MaxDeletes = 100;

    private readonly string root = Path.GetFullPath(root);

    /// <summary>Removes what uploads of a server that is gone have left.</summary>
    public void RemoveLeftovers() => PartialFile.RemoveLeftovers(root);

    /// <inheritdoc cref="PartialFile.RemoveLeftovers(string, TimeSpan, bool)"/>
    public IEnumerable<(string Name, long Size)> RemoveLeftovers(TimeSpan age, bool isDryRun) => PartialFile.RemoveLeftovers(root, age, isDryRun);

    public Task<IBlob?> OpenAsync(ArtifactPath path, CancellationToken cancellationToken)
    {
        var target = Resolve(path);
        if (IsHidden(path))
            return Task.FromResult<IBlob?>(null);
        if (Directory.Exists(target))
            throw ApiException.Invalid($"Artifact '{path}' is a directory and cannot be downloaded as a file.");
        return Task.FromResult<IBlob?>(Open(target));
    }

    public async Task<BlobReceipt> WriteAsync(
        ArtifactPath path, IAsyncEnumerable<ReadOnlyMemory<byte>> content, long? length, CancellationToken cancellationToken)
    {
        RequireChangeable(path);
        RequireFile(path, Resolve(path));
        using var partial = PartialFile.Create(root);
        var size = 0L;
        await foreach (var piece in content.WithCancellation(cancellationToken))
        {
            await RandomAccess.WriteAsync(partial.Handle, piece, size, cancellationToken);
            size += piece.Length;
        }

        // Resolved again: the upload may have taken an hour.
        var target = Resolve(path);
        RequireFile(path, target);
        partial.MoveTo(target);
        return new BlobReceipt(size, Checksum: null);
    }

    public Task<IReadOnlyList<BlobEntry>> ListAsync(ArtifactPath folder, CancellationToken cancellationToken)
    {
        var target = new DirectoryInfo(Resolve(folder));
        return Task.FromResult<IReadOnlyList<BlobEntry>>(IsHidden(folder) || !target.Exists ? [] : List(target, folder.IsRoot));
    }

    public async IAsyncEnumerable<BlobFile> ListAllAsync(ArtifactPath folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in await ListAsync(folder, cancellationToken))
        {
            var path = folder.Join(ArtifactPath.OfKey(entry.Name));
            if (!entry.IsFolder)
                yield return new BlobFile(path, entry.Size!.Value, File.GetLastWriteTimeUtc(Resolve(path)), Checksum: null);
            else if (new FileInfo(Path.Combine(Resolve(folder), entry.Name)).LinkTarget is null) // A linked folder may hold itself.
                await foreach (var file in ListAllAsync(path, cancellationToken))
                    yield return file;
        }
    }

    public Task DeleteAsync(ArtifactPath path, CancellationToken cancellationToken)
    {
        RequireChangeable(path);
        Resolve(path);
        // The name itself goes, not what it may link to.
        var target = Path.Combine(Resolve(path.Parent), path.Name);
        for (var attempt = 1; !TryDelete(target); attempt++)
        {
            if (attempt == MaxDeletes)
                throw ApiException.Internal($"Artifact folder '{path}' could not be deleted: files are still being written to it.");
        }

        return Task.CompletedTask;
    }

    /// <returns>false when something was written there meanwhile.</returns>
    private static bool TryDelete(string target)
    {
        var isFolder = Directory.Exists(target) && new FileInfo(target).LinkTarget is null;
        try
        {
            if (isFolder)
                Directory.Delete(target, recursive: true);
            else
                File.Delete(target);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody was faster with it or with a folder below it, or the folder above is not there.
            return !Directory.Exists(target);
        }
        catch (IOException) when (isFolder || Directory.Exists(target))
        {
            return false;
        }
        catch (UnauthorizedAccessException) when (!isFolder && Directory.Exists(target))
        {
            // There was nothing a moment ago, and now there is a folder, which is not deleted as a file.
            return false;
        }
    }

    private string Resolve(ArtifactPath path)
    {
        if (path.Segments.Any(name => Encoding.UTF8.GetByteCount(name) > MaxNameBytes))
            throw ApiException.Invalid($"Invalid path: a name is longer than {MaxNameBytes} bytes");
        var realRoot = RealPath.Of(root);
        var real = RealPath.Of(Path.Combine([root, .. path.Segments]));
        return realRoot is not null && real is not null && RealPath.IsWithin(realRoot, real)
            ? real
            : throw ApiException.Invalid("Invalid path: resolved path is outside the artifact directory");
    }

    private List<BlobEntry> List(DirectoryInfo folder, bool isRoot)
    {
        try
        {
            return [.. folder.EnumerateFileSystemInfos()
                .Where(info => !(isRoot && IsHiddenName(info.Name)))
                .Select(Entry).OfType<BlobEntry>()
                .OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <returns>null for a link that leads nowhere or out of the root, and for a file that has just been deleted.</returns>
    private BlobEntry? Entry(FileSystemInfo info)
    {
        try
        {
            return (info.LinkTarget is null ? info : Follow(info.FullName)) switch
            {
                FileInfo file => new BlobEntry(info.Name, false, file.Length),
                DirectoryInfo => new BlobEntry(info.Name, true, null),
                _ => null,
            };
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private FileSystemInfo? Follow(string link)
    {
        if (RealPath.Of(root) is not { } realRoot || RealPath.Of(link) is not { } real || !RealPath.IsWithin(realRoot, real))
            return null;
        return Directory.Exists(real) ? new DirectoryInfo(real) : File.Exists(real) ? new FileInfo(real) : null;
    }

    private static LocalBlob? Open(string target)
    {
        try
        {
            return new LocalBlob(File.OpenHandle(
                target, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or PathTooLongException)
        {
            return null;
        }
    }

    /// <summary>The root itself and the folder of unfinished uploads are nobody's to write or delete.</summary>
    private static void RequireChangeable(ArtifactPath path)
    {
        if (path.IsRoot || IsHidden(path))
            throw ArtifactPath.Refused();
    }

    private static void RequireFile(ArtifactPath path, string target)
    {
        if (!path.IsFile || Directory.Exists(target))
            throw ApiException.Invalid($"Invalid path: '{path}' is a directory");
        for (var above = Path.GetDirectoryName(target); above is not null && !Directory.Exists(above); above = Path.GetDirectoryName(above))
        {
            if (File.Exists(above))
                throw ApiException.Invalid($"Invalid path: '{path}' is below a file");
        }
    }

    private static bool IsHidden(ArtifactPath path) => !path.IsRoot && IsHiddenName(path.Segments[0]);

    private static bool IsHiddenName(string name) => name.Equals(PartialFile.Folder, StringComparison.OrdinalIgnoreCase);
}
