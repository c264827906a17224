using System.Text;

namespace ModelRegistry.Server.Http;

/// <summary>MLflow's rules for names of metrics, params, tags and models: an alphabet, and no other reading as a file path.</summary>
internal static class NameRules
{
    /// <summary>Both rules, as for keys of metrics, params and tags.</summary>
    /// <exception cref="ApiException">INVALID_PARAMETER_VALUE.</exception>
    public static void CheckKey(string name, string parameter)
    {
        if (!HasOnlyKeyCharacters(name))
        {
            throw Invalid(
                name,
                parameter,
                "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).");
        }

        CheckPathLike(name, parameter);
    }

    /// <summary>The name must stay what it is when it is used as a relative path.</summary>
    /// <exception cref="ApiException">INVALID_PARAMETER_VALUE.</exception>
    public static void CheckPathLike(string name, string parameter)
    {
        var normal = NormalizePosix(name);
        if (normal == name && name != "." && !name.StartsWith("..", StringComparison.Ordinal) && !name.StartsWith('/'))
            return;
        throw Invalid(
            name,
            parameter,
            "Names may be treated as files in certain cases, and must not resolve to other names when treated as such."
            + $" This name would resolve to {PythonText.Repr(normal)}");
    }

    /// <summary>Python's <c>len(value) &lt;= limit</c>: code points count, not UTF-16 units.</summary>
    public static bool FitsLength(string value, int limit) =>
        value.Length <= limit || value.Length - value.Count(char.IsLowSurrogate) <= limit;

    /// <summary>Python's <c>\w</c>: letters and numbers of any script, and the underscore.</summary>
    public static bool IsWord(Rune rune) => rune.Value == '_' || Rune.IsLetter(rune) || Rune.IsNumber(rune);

    /// <summary>POSIX path normalisation by text alone, as Python's <c>posixpath.normpath</c> has it.</summary>
    public static string NormalizePosix(string path)
    {
        // Exactly two leading slashes mean something of their own in POSIX and stay.
        var slashes = path.Length - path.AsSpan().TrimStart('/').Length;
        var root = slashes switch { 0 => "", 2 => "//", _ => "/" };
        var parts = new List<string>();
        foreach (var part in path.Split('/').Where(part => part is not ("" or ".")))
        {
            if (part != ".." || (root == "" && parts.Count == 0) || (parts.Count > 0 && parts[^1] == ".."))
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
        }

        var normal = root + string.Join('/', parts);
        return normal == "" ? "." : normal;
    }

    private static bool HasOnlyKeyCharacters(string name)
    {
        // Python's "$" lets one final line break through.
        foreach (var rune in (name.EndsWith('\n') ? name[..^1] : name).EnumerateRunes())
        {
            if (!IsWord(rune) && rune.Value is not ('/' or '.' or '-' or ' ' or ':'))
                return false;
        }

        return true;
    }

    private static ApiException Invalid(string name, string parameter, string reason) =>
        ApiException.Invalid($"Invalid value {PythonText.CompactJson(name)} for parameter '{parameter}' supplied: {reason}");
}
