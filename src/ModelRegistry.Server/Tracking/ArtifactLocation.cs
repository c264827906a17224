using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Tracking;

/// <summary>Artifact URIs taken apart and put together again in MLflow's way.</summary>
internal static class ArtifactLocation
{
    /// <summary>Checks the location a client gives to a new experiment.</summary>
    public static void Check(string location, string parameter, int maxLength)
    {
        var uri = PythonUrl.Parse(location);
        if (uri.Fragment.Length > 0 || uri.Params.Length > 0)
            throw ApiException.Invalid($"'{parameter}' URL can't include fragments or params.");
        CheckQuery(uri.Query);
        if (location.StartsWith("runs:", StringComparison.Ordinal))
            throw ApiException.Invalid($"Artifact location cannot be a runs:/ URI. Given: '{location}'");
        CheckLength(location, maxLength);
    }

    public static void CheckLength(string location, int maxLength)
    {
        if (location.Length > maxLength)
        {
            throw ApiException.Invalid(
                $"Invalid artifact path length. The length of the artifact path cannot be greater than {maxLength} characters."
                + " To configure this limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable.");
        }
    }

    /// <summary>Adds segments to the path of a URI, in front of its query.</summary>
    public static string Append(string location, params ReadOnlySpan<string> segments)
    {
        var suffix = string.Join('/', segments!);
        var uri = PythonUrl.Parse(location);
        CheckQuery(uri.Query);
        if (uri.Scheme.Length == 0)
            return Join(location, suffix);
        var path = Join(uri.Path, suffix);
        if (uri.Authority.Length > 0 && !path.StartsWith('/'))
            path = "/" + path;
        return (uri with { Path = path }).ToString();
    }

    /// <summary>A relative local path, or <c>file:</c> URI of one, made absolute; everything else as it is.</summary>
    public static string Resolve(string location)
    {
        var uri = PythonUrl.Parse(location);
        if (uri.Scheme.Length > 0 && uri.Scheme != "file")
            return location;
        if (uri.Scheme.Length == 0)
            return location.StartsWith('/') ? location : Absolute(location);
        if (!uri.IsOfThisHost)
            throw OfAnotherHost(location);
        return uri.Path.StartsWith('/') ? location : (uri with { Authority = "", Path = Absolute(Uri.UnescapeDataString(uri.Path)) }).ToString();
    }

    /// <summary>MLflow's sentence for a <c>file:</c> URI that names another machine.</summary>
    public static ApiException OfAnotherHost(string location) => ApiException.Internal(
        $"{location} is not a valid remote uri. For remote access on windows, please consider using a different scheme "
        + "such as SMB (e.g. smb://<hostname>/<path>).");

    private static string Absolute(string relative)
    {
        // "." and doubled slashes go, ".." stays: it may lead through a link.
        var parts = relative.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".");
        return string.Join('/', parts.Prepend(Directory.GetCurrentDirectory().TrimEnd('/')));
    }

    private static void CheckQuery(string query)
    {
        if (PercentDecoding.Fully(query)?.Contains("..", StringComparison.Ordinal) != false)
            throw ApiException.Invalid("Invalid query string");
    }

    private static string Join(string prefix, string suffix)
    {
        if (prefix.Length == 0)
            return suffix;
        return prefix.EndsWith('/') ? prefix + suffix : $"{prefix}/{suffix}";
    }
}
