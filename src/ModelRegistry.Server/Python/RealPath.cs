namespace ModelRegistry.Server.Python;

/// <summary>Where a path of this machine really leads, with every symbolic link on the way followed: <c>os.path.realpath</c>.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <returns>null when links go round in circles. What does not exist is taken as it is written.</returns>
    public static string? Of(string absolutePath)
    {
        var root = Path.GetPathRoot(absolutePath)!;
        var real = root;
        var links = 0;
        var rest = new Stack<string>(Parts(absolutePath[root.Length..]));
        while (rest.TryPop(out var part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? root;
                continue;
            }

            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
                return null;
            var targetRoot = Path.GetPathRoot(target) ?? "";
            real = targetRoot.Length > 0 ? targetRoot : real;
            foreach (var piece in Parts(target[targetRoot.Length..]))
                rest.Push(piece);
        }

        return real;
    }

    /// <summary>Whether <paramref name="path"/> is <paramref name="folder"/> or below it; both are real paths.</summary>
    public static bool IsWithin(string folder, string path) =>
        path == folder || path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Last part first, ready to be pushed.</summary>
    private static IEnumerable<string> Parts(string path) =>
        path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").Reverse();
}
