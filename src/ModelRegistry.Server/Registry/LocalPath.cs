using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.Registry;

/// <summary>Local folders named by a path or a <c>file:</c> URI, with symbolic links followed.</summary>
internal static class LocalPath
{
    /// <summary>Whether a location is a path on this machine.</summary>
    /// <exception cref="ApiException">INTERNAL_ERROR: a <c>file:</c> URI of another host.</exception>
    public static bool IsLocal(string location)
    {
        var url = PythonUrl.Parse(location);
        if (url.Scheme is not ("" or "file"))
            return false;
        return url.Scheme == "" || url.IsOfThisHost ? true : throw ArtifactLocation.OfAnotherHost(location);
    }

    /// <summary>The real absolute path of a local location; parts that do not exist are taken as written.</summary>
    public static string Resolve(string location)
    {
        var path = location.StartsWith("file:", StringComparison.Ordinal) ? PythonUrl.Parse(location).Path : location;
        path = Uri.UnescapeDataString(path);
        return RealPath.Of(Path.IsPathRooted(path) ? path : $"{Directory.GetCurrentDirectory()}/{path}")
            ?? throw ApiException.Invalid($"Invalid model version source: '{location}'. The path has too many symbolic links.");
    }
}
