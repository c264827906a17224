using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Tracking;

/// <summary>Artifact URIs taken apart and put together again in the reference's way.</summary>
internal static class ArtifactLocation
{
    private const int MaxDecodings = 10;

    // Schemes whose last path segment may carry ";params" (RFC 1808); "" stands for plain paths.
    private static readonly HashSet<string> SchemesWithParams =
        ["", "ftp", "hdl", "prospero", "http", "https", "shttp", "rtsp", "rtsps", "rtspu", "sip", "sips", "mms", "sftp", "tel"];

    /// <summary>Checks the location a client gives to a new experiment.</summary>
    public static void Check(string location, string parameter, int maxLength)
    {
        var uri = UriParts.Split(location);
        var lastSegment = uri.Path[(uri.Path.LastIndexOf('/') + 1)..];
        var semicolon = lastSegment.IndexOf(';', StringComparison.Ordinal);
        var hasParams = SchemesWithParams.Contains(uri.Scheme) && semicolon >= 0 && semicolon < lastSegment.Length - 1;
        if (uri.Fragment.Length > 0 || hasParams)
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
        var uri = UriParts.Split(location);
        CheckQuery(uri.Query);
        if (uri.Scheme.Length == 0)
            return Join(location, suffix);
        var path = Join(uri.Path, suffix);
        if (uri.Authority is not null && !path.StartsWith('/'))
            path = "/" + path;
        return (uri with { Path = path }).ToString();
    }

    /// <summary>A relative local path, or <c>file:</c> URI of one, made absolute; everything else as it is.</summary>
    public static string Resolve(string location)
    {
        var uri = UriParts.Split(location);
        if (uri.Scheme.Length > 0 && uri.Scheme != "file")
            return location;
        if (uri.Scheme.Length == 0)
            return location.StartsWith('/') ? location : Absolute(location);
        if (!string.IsNullOrEmpty(uri.Authority) && !IsThisHost(uri.Authority))
        {
            throw ApiException.Internal(
                $"{location} is not a valid remote uri. For remote access on windows, please consider using a different scheme"
                + " such as SMB (e.g. smb://<hostname>/<path>).");
        }

        return uri.Path.StartsWith('/') ? location : (uri with { Authority = "", Path = Absolute(Uri.UnescapeDataString(uri.Path)) }).ToString();
    }

    private static bool IsThisHost(string host) =>
        host == "." || host.StartsWith("localhost", StringComparison.Ordinal) || host.StartsWith("127.0.0.1", StringComparison.Ordinal);

    private static string Absolute(string relative)
    {
        // "." and doubled slashes go, ".." stays: it may lead through a link.
        var parts = relative.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".");
        return string.Join('/', parts.Prepend(Directory.GetCurrentDirectory().TrimEnd('/')));
    }

    private static void CheckQuery(string query)
    {
        var text = query;
        for (var i = 0; i < MaxDecodings; i++)
        {
            var decoded = Uri.UnescapeDataString(text);
            if (decoded == text)
                break;
            text = decoded;
        }

        if (text.Contains("..", StringComparison.Ordinal))
            throw ApiException.Invalid("Invalid query string");
    }

    private static string Join(string prefix, string suffix)
    {
        if (prefix.Length == 0)
            return suffix;
        return prefix.EndsWith('/') ? prefix + suffix : $"{prefix}/{suffix}";
    }

    /// <summary>A URI's parts; the authority is null when there is no <c>//</c>.</summary>
    private readonly record struct UriParts(string Scheme, string? Authority, string Path, string Query, string Fragment)
    {
        public static UriParts Split(string text)
        {
            var scheme = SchemeOf(text);
            var rest = scheme.Length == 0 ? text : text[(scheme.Length + 1)..];
            string? authority = null;
            if (rest.StartsWith("//", StringComparison.Ordinal))
            {
                var end = rest.IndexOfAny(['/', '?', '#'], 2);
                end = end < 0 ? rest.Length : end;
                (authority, rest) = (rest[2..end], rest[end..]);
            }

            (rest, var fragment) = Cut(rest, '#');
            (rest, var query) = Cut(rest, '?');
            return new UriParts(scheme, authority, rest, query, fragment);
        }

        public override string ToString()
        {
            // An empty authority is written for file: alone, as Python's urlunparse does.
            var authority = string.IsNullOrEmpty(Authority)
                ? (Scheme == "file" && Path.StartsWith('/') ? "//" : "")
                : "//" + Authority;
            return $"{Scheme}:{authority}{Path}{(Query.Length > 0 ? "?" + Query : "")}{(Fragment.Length > 0 ? "#" + Fragment : "")}";
        }

        private static string SchemeOf(string text)
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !char.IsAsciiLetter(text[0]))
                return "";
            return text.AsSpan(0, colon).IndexOfAnyExcept(SchemeCharacters) < 0 ? text[..colon].ToLowerInvariant() : "";
        }

        private static readonly System.Buffers.SearchValues<char> SchemeCharacters =
            System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

        private static (string Before, string After) Cut(string text, char mark)
        {
            var at = text.IndexOf(mark, StringComparison.Ordinal);
            return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
        }
    }
}
