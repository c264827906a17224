using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Registry;

/// <summary>Local folders named by a path or a <c>file:</c> URI, with symbolic links followed.</summary>
internal static class LocalPath
{
    private const int MaxLinks = 40;

    /// <summary>Whether a location is a path on this machine.</summary>
    /// <exception cref="ApiException">INTERNAL_ERROR: a <c>file:</c> URI of another host.</exception>
    public static bool IsLocal(string location)
    {
        var url = PythonUrl.Parse(location);
        if (url.Scheme is not ("" or "file"))
            return false;
        var isOtherHost = url.Scheme == "file" && url.Host is { } host && host != "."
            && !host.StartsWith("localhost", StringComparison.Ordinal) && !host.StartsWith("127.0.0.1", StringComparison.Ordinal);
        return !isOtherHost
            ? true
            : throw ApiException.Internal(
                $"{location} is not a valid remote uri. For remote access on windows, please consider using a different scheme "
                + "such as SMB (e.g. smb://<hostname>/<path>).");
    }

    /// <summary>The real absolute path of a local location; parts that do not exist are taken as written.</summary>
    public static string Resolve(string location)
    {
        var path = location.StartsWith("file:", StringComparison.Ordinal) ? PythonUrl.Parse(location).Path : location;
        path = Uri.UnescapeDataString(path);
        var real = "/";
        var links = 0;
        var parts = new Stack<string>(Parts(Path.IsPathRooted(path) ? path : $"{Directory.GetCurrentDirectory()}/{path}"));
        while (parts.TryPop(out var part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? "/";
                continue;
            }

            var next = Path.Join(real, part);
            if (LinkTarget(next) is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
                throw ApiException.Invalid($"Invalid model version source: '{location}'. The path has too many symbolic links.");
            real = Path.IsPathRooted(target) ? "/" : real;
            foreach (var piece in Parts(target))
                parts.Push(piece);
        }

        return real;
    }

    /// <summary>Whether a real path is <paramref name="folder"/> or lies in it.</summary>
    public static bool IsWithin(string folder, string path) =>
        path == folder || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    private static IEnumerable<string> Parts(string path) =>
        path.Split('/').Where(part => part is not ("" or ".")).Reverse();

    private static string? LinkTarget(string path) => new FileInfo(path).LinkTarget;
}
