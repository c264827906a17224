using System.Buffers;
using System.Text;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Http.Binding;

/// <summary>MLflow's rules for keys and names that it may use as file names, with its sentences.</summary>
internal static class KeyRules
{
    private const string BadCharacters =
        "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).";

    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-. :");

    /// <summary>Whether a key is one of those, nearly all, that need no closer look: <see cref="Check"/> lets it pass.</summary>
    public static bool IsPlain(string key) => key.Length > 0 && key[0] != '.' && !key.AsSpan().ContainsAnyExcept(PlainCharacters);

    /// <summary>A key of a metric, parameter or tag: few kinds of characters, and the same when read as a path.</summary>
    /// <param name="parameter">Where the key stands in the request, such as <c>tags[0].key</c>.</param>
    public static void Check(string key, string parameter)
    {
        if (!HasAllowedCharacters(key))
            throw Wrong(key, parameter, BadCharacters);
        CheckPath(key, parameter);
    }

    /// <summary>A name that must not resolve to another one when it is taken for a path.</summary>
    public static void CheckPath(string name, string parameter)
    {
        if (name.Length > 0 && name is not "." && !name.StartsWith("..", StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal))
            return;
        var resolved = Normalize(name);
        if (resolved == name && name is not "." && name[0] != '/' && !name.StartsWith("..", StringComparison.Ordinal))
            return;
        throw Wrong(
            name,
            parameter,
            "Names may be treated as files in certain cases, and must not resolve to other names when treated as such."
            + $" This name would resolve to {PythonText.Repr(resolved)}");
    }

    /// <summary>Lengths count code points, as Python does.</summary>
    public static void CheckLength(string what, string? value, int limit)
    {
        if (value is not null && value.Length > limit && CodePoints(value) > limit)
            throw ApiException.TooLong(what, limit);
    }

    /// <summary>A value that may have <paramref name="limit"/> code points: cut to them, or refused when that is not wanted.</summary>
    public static string Fit(string what, string value, int limit, bool cuts)
    {
        if (cuts)
            return Truncate(value, limit);
        CheckLength(what, value, limit);
        return value;
    }

    /// <summary>The first <paramref name="limit"/> code points.</summary>
    public static string Truncate(string value, int limit)
    {
        if (value.Length <= limit)
            return value;
        var end = 0;
        for (var count = 0; count < limit && end < value.Length; count++)
            end += char.IsSurrogatePair(value, end) ? 2 : 1;
        return value[..end];
    }

    /// <summary>Python's <c>\w</c>: letters and numbers of any script, and the underscore.</summary>
    public static bool IsWord(Rune rune) => rune.Value == '_' || Rune.IsLetter(rune) || Rune.IsNumber(rune);

    /// <summary><c>posixpath.normpath</c>.</summary>
    public static string Normalize(string path)
    {
        if (path.Length == 0)
            return ".";
        var slashes = path.Length - path.TrimStart('/').Length;
        var root = slashes switch { 0 => "", 2 => "//", _ => "/" };
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".")
                continue;
            if (part != ".." || (root.Length == 0 && parts.Count == 0) || parts is [.., ".."])
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
        }

        var joined = root + string.Join('/', parts);
        return joined.Length == 0 ? "." : joined;
    }

    private static int CodePoints(string value)
    {
        var pairs = 0;
        for (var i = 0; i + 1 < value.Length; i++)
        {
            if (char.IsSurrogatePair(value[i], value[i + 1]))
                pairs++;
        }

        return value.Length - pairs;
    }

    private static bool HasAllowedCharacters(string key)
    {
        // MLflow's pattern ends with "$", which tolerates one line feed at the end.
        var text = key.EndsWith('\n') ? key.AsSpan(0, key.Length - 1) : key;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsAllowed(rune))
                return false;
        }

        return true;
    }

    private static bool IsAllowed(Rune rune) => IsWord(rune) || rune.Value is '/' or '.' or '-' or ' ' or ':';

    private static ApiException Wrong(string value, string parameter, string reason) =>
        ApiException.Invalid($"Invalid value {PythonText.CompactJson(value)} for parameter '{parameter}' supplied: {reason}");
}
