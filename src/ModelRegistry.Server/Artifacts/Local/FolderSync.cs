using System.Runtime.InteropServices;

namespace ModelRegistry.Server.Artifacts.Local;

/// <summary>
/// Makes a new name durable. On Unix a file that was flushed can still lose its name in a power cut: the name is content of the folder, and .NET
/// does not open folders.
/// </summary>
internal static class FolderSync
{
    private const int ReadOnly = 0;

    /// <summary>The deepest folder of <paramref name="path"/> that is there.</summary>
    public static string Existing(string path)
    {
        while (!Directory.Exists(path))
            path = Path.GetDirectoryName(path)!;
        return path;
    }

    /// <summary>Flushes <paramref name="folder"/> and those above it, up to <paramref name="top"/>.</summary>
    /// <remarks>A folder that cannot be flushed, because somebody deletes it or the file system cannot, is left as it is.</remarks>
    public static void Flush(string folder, string top)
    {
        if (OperatingSystem.IsWindows())
            return;
        for (var current = folder; current is not null && current.Length >= top.Length; current = Path.GetDirectoryName(current))
        {
            var descriptor = Open(current, ReadOnly);
            if (descriptor < 0)
                continue;
            _ = Sync(descriptor);
            _ = Close(descriptor);
        }
    }

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
