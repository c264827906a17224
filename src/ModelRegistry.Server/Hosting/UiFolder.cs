using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Hosting;

/// <summary>Where MLflow's built web pages are.</summary>
internal static class UiFolder
{
    public const string Index = "index.html";
    private const string InPackage = "mlflow/server/js/build";

    /// <summary>Places of Python packages on common systems; a star stands for a version.</summary>
    private static readonly string[] Libraries = ["/usr/local/lib/python3*/dist-packages", "/usr/local/lib/python3*/site-packages", "/usr/lib/python3*/dist-packages"];

    /// <summary>The folder that the operator named; empty for <c>none</c>.</summary>
    /// <exception cref="StartupException">There are no web pages in it.</exception>
    public static string Read(string named)
    {
        if (named == "none")
            return "";
        return File.Exists(Path.Combine(named, Index))
            ? Path.GetFullPath(named)
            : throw new StartupException($"The folder '{named}' has no {Index}: it does not hold MLflow's built web pages.");
    }

    /// <summary>The pages of an MLflow that is installed in the active virtual environment or for the whole machine.</summary>
    /// <returns>null when there is none.</returns>
    public static string? FindInstalled(Func<string, string?> environment)
    {
        var active = environment("VIRTUAL_ENV") is { Length: > 0 } home ? [Path.Combine(home, "lib/python3*/site-packages")] : Array.Empty<string>();
        return active.Concat(Libraries)
            .SelectMany(Expand)
            .Select(library => Path.Combine(library, InPackage))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, Index)));
    }

    private static IEnumerable<string> Expand(string pattern)
    {
        var python = Path.GetDirectoryName(pattern)!;
        var parent = Path.GetDirectoryName(python)!;
        return Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, Path.GetFileName(python)).Order(StringComparer.Ordinal).Select(found => Path.Combine(found, Path.GetFileName(pattern)))
            : [];
    }
}
