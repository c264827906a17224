using Microsoft.Win32.SafeHandles;

namespace ModelRegistry.Server.Artifacts.Local;

/// <summary>
/// An upload on its way: a file in a hidden folder of the root, thus of the same file system, which becomes visible by one rename or not at all.
/// </summary>
/// <remarks>
/// It stays locked while its server lives. A server that starts removes the unlocked ones of its own machine, and those of other machines
/// (a shared file system) when they are a day old.
/// </remarks>
internal sealed class PartialFile : IDisposable
{
    /// <summary>The hidden folder, directly below the root.</summary>
    public const string Folder = ".mr-partial";

    private static readonly TimeSpan ForeignAge = TimeSpan.FromDays(1);
    private static readonly string Machine = Uri.EscapeDataString(Environment.MachineName);

    private readonly string path;
    private bool moved;

    private PartialFile(string path, SafeFileHandle handle) => (this.path, Handle) = (path, handle);

    public SafeFileHandle Handle { get; }

    public static PartialFile Create(string root)
    {
        var path = Path.Combine(root, Folder, $"{Machine}.{Guid.NewGuid():n}.partial");
        while (true)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            try
            {
                // Read access and FileShare.Delete: .NET then holds a shared lock, and the file can be renamed while it is open.
                return new PartialFile(path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete));
            }
            catch (IOException e) when (IsFolderGone(e))
            {
                // Another upload has just ended and taken the empty folder away.
            }
        }
    }

    /// <summary>Removes what uploads of a server that is gone have left.</summary>
    public static void RemoveLeftovers(string root)
    {
        foreach (var file in Leftovers(root, file => file.Name.StartsWith(Machine + ".", StringComparison.Ordinal) || AgeOf(file) > ForeignAge))
            file.Delete();
        RemoveIfEmpty(Path.Combine(root, Folder));
    }

    /// <summary>Removes, or only finds, those of any machine that have not been written to for so long.</summary>
    /// <returns>Name and size of each.</returns>
    public static IEnumerable<(string Name, long Size)> RemoveLeftovers(string root, TimeSpan age, bool isDryRun)
    {
        foreach (var file in Leftovers(root, file => AgeOf(file) >= age))
        {
            var size = file.Length;
            if (!isDryRun)
                file.Delete();
            yield return (file.Name, size);
        }

        RemoveIfEmpty(Path.Combine(root, Folder));
    }

    private static IEnumerable<FileInfo> Leftovers(string root, Func<FileInfo, bool> condition)
    {
        var folder = new DirectoryInfo(Path.Combine(root, Folder));
        return folder.Exists ? folder.EnumerateFiles("*.partial").Where(file => condition(file) && !IsLocked(file)) : [];
    }

    private static TimeSpan AgeOf(FileInfo file) => DateTime.UtcNow - file.LastWriteTimeUtc;

    /// <summary>Makes the content durable and gives it its name; what had the name before is replaced.</summary>
    public void MoveTo(string target)
    {
        RandomAccess.FlushToDisk(Handle);
        var folder = Path.GetDirectoryName(target)!;
        var existing = FolderSync.Existing(folder);
        while (!moved)
        {
            Directory.CreateDirectory(folder);
            try
            {
                File.Move(path, target, overwrite: true);
                moved = true;
            }
            catch (IOException e) when (IsFolderGone(e) && File.Exists(path))
            {
                // The folder was deleted in this very moment.
            }
        }

        FolderSync.Flush(folder, existing);
    }

    public void Dispose()
    {
        Handle.Dispose();
        if (!moved)
            File.Delete(path);
        RemoveIfEmpty(Path.GetDirectoryName(path)!);
    }

    /// <remarks>
    /// .NET looks for the folder after the system has refused: where somebody has made it again by then, it names the file as the one that is missing.
    /// </remarks>
    private static bool IsFolderGone(IOException refusal) => refusal is DirectoryNotFoundException or FileNotFoundException;

    private static bool IsLocked(FileInfo file)
    {
        try
        {
            using var probe = File.OpenHandle(file.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static void RemoveIfEmpty(string folder)
    {
        try
        {
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Another upload has just begun or has taken the folder away.
        }
    }
}
