using System.Buffers;

namespace ModelRegistry.Server.Python;

/// <summary>
/// A URI taken apart as Python's <c>urllib.parse.urlparse</c> does. MLflow's rules on locations are written in these terms, and <see cref="Uri"/>
/// would decode, normalise and refuse things on its own.
/// </summary>
/// <param name="Scheme">Lower case, empty for none.</param>
/// <param name="Authority">What follows <c>//</c>: user, host and port.</param>
internal sealed record PythonUrl(string Scheme, string Authority, string Path, string Params, string Query, string Fragment)
{
    private static readonly SearchValues<char> SchemeCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    // Schemes whose last path segment may carry ";params" (RFC 1808); "" stands for plain paths.
    private static readonly HashSet<string> SchemesWithParams =
        ["", "ftp", "hdl", "prospero", "http", "https", "shttp", "rtsp", "rtsps", "rtspu", "sip", "sips", "mms", "sftp", "tel"];

    /// <summary>Lower case, without user and port; null when there is none.</summary>
    public string? Host
    {
        get
        {
            var host = Authority[(Authority.LastIndexOf('@') + 1)..];
            host = host.StartsWith('[') ? host[1..].Split(']')[0] : host.Split(':')[0];
            return host == "" ? null : host.ToLowerInvariant();
        }
    }

    /// <summary>Whether it names a place on this machine, as far as MLflow looks: no host, or one that begins like a local one.</summary>
    public bool IsOfThisHost =>
        Host is not { } host || host == "." || host.StartsWith("localhost", StringComparison.Ordinal) || host.StartsWith("127.0.0.1", StringComparison.Ordinal);

    /// <summary>The URI put together again, as <c>urlunparse</c> does: an empty authority is written for <c>file:</c> alone.</summary>
    public override string ToString()
    {
        var authority = Authority.Length > 0 ? "//" + Authority : Scheme == "file" && Path.StartsWith('/') ? "//" : "";
        return string.Concat(
            Scheme.Length > 0 ? Scheme + ":" : "", authority, Path, Given(';', Params), string.Concat(Given('?', Query), Given('#', Fragment)));
    }

    public static PythonUrl Parse(string url)
    {
        var rest = string.Concat(url.SkipWhile(c => c <= ' ').Where(c => c is not ('\t' or '\r' or '\n')));
        var scheme = TakeScheme(ref rest);
        var authority = TakeAuthority(ref rest);
        var fragment = TakeAfter(ref rest, rest.IndexOf('#', StringComparison.Ordinal));
        var query = TakeAfter(ref rest, rest.IndexOf('?', StringComparison.Ordinal));
        var parameters = SchemesWithParams.Contains(scheme)
            ? TakeAfter(ref rest, rest.IndexOf(';', rest.LastIndexOf('/') + 1))
            : "";
        return new PythonUrl(scheme, authority, rest, parameters, query, fragment);
    }

    private static string TakeScheme(ref string rest)
    {
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !char.IsAsciiLetter(rest[0]) || rest.AsSpan(0, colon).ContainsAnyExcept(SchemeCharacters))
            return "";
        var scheme = rest[..colon].ToLowerInvariant();
        rest = rest[(colon + 1)..];
        return scheme;
    }

    private static string TakeAuthority(ref string rest)
    {
        if (!rest.StartsWith("//", StringComparison.Ordinal))
            return "";
        var end = rest.AsSpan(2).IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest[2..] : rest[2..(end + 2)];
        rest = rest[(authority.Length + 2)..];
        return authority;
    }

    private static string Given(char mark, string part) => part.Length > 0 ? mark + part : "";

    private static string TakeAfter(ref string rest, int position)
    {
        if (position < 0)
            return "";
        var tail = rest[(position + 1)..];
        rest = rest[..position];
        return tail;
    }
}
