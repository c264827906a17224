using System.Globalization;
using System.Text;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Artifacts;

/// <summary>
/// A relative path below an artifact root that went through every check. It is decoded until nothing is left to decode, as MLflow
/// does, and only then looked at, so no spelling of a forbidden path gets past.
/// </summary>
internal sealed record ArtifactPath
{
    public static readonly ArtifactPath Root = new("", []);

    private ArtifactPath(string text, string[] segments) => (Text, Segments) = (text, segments);

    /// <summary>The decoded path as the client spelled it, with its <c>./</c> and slashes.</summary>
    public string Text { get; }

    /// <summary>Names of the folders and of the file; empty for the root itself.</summary>
    public IReadOnlyList<string> Segments { get; }

    /// <summary>The path in its one canonical spelling.</summary>
    public string Key => string.Join('/', Segments);

    /// <summary>Name of the file or folder; empty for the root.</summary>
    public string Name => Segments.Count == 0 ? "" : Segments[^1];

    public bool IsRoot => Segments.Count == 0;

    /// <summary>The folder it is in; the root is in itself.</summary>
    public ArtifactPath Parent => Segments.Count < 2 ? Root : new(string.Join('/', Segments.SkipLast(1)), [.. Segments.SkipLast(1)]);

    /// <summary>Whether it can name a file: the root cannot, nor can a path that ends with a slash.</summary>
    public bool IsFile => !IsRoot && !Text.EndsWith('/');

    /// <summary>Reads a path out of a request line or a parameter, percent-encoded or not.</summary>
    /// <exception cref="ApiException">It leads, or might lead, out of the root.</exception>
    public static ArtifactPath Parse(string raw)
    {
        var text = EscapeControls(PercentDecoding.Fully(raw) ?? throw Refused());
        if (!IsSafe(text))
            throw Refused();
        return new ArtifactPath(text, [.. text.Split('/').Where(segment => segment is not ("" or "."))]);
    }

    /// <summary>A path that a store itself has named: there is nothing to decode or to refuse in it.</summary>
    public static ArtifactPath OfKey(string key) => new(key, [.. key.Split('/').Where(segment => segment.Length > 0)]);

    /// <summary>The path of <paramref name="below"/> as seen from where this one starts.</summary>
    public ArtifactPath Join(ArtifactPath below) =>
        new(Segments.Count == 0 ? below.Text : $"{Key}/{below.Text}", [.. Segments, .. below.Segments]);

    public bool Equals(ArtifactPath? other) => other is not null && Key == other.Key;

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Key;

    /// <summary>The answer to every path that is not taken; it says nothing about what is there.</summary>
    public static ApiException Refused() => ApiException.Invalid("Invalid path");

    private static bool IsSafe(string text) =>
        !text.Contains('#', StringComparison.Ordinal)
        && !text.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
        && !text.Split('/').Contains("..")
        && !IsAbsolute(text)
        && (Path.DirectorySeparatorChar == '/' || !text.AsSpan().ContainsAny('\\', ':'));

    /// <summary>Absolute on any system: <c>/x</c>, <c>C:/x</c>, <c>C:\x</c>, <c>\\host\share</c>.</summary>
    private static bool IsAbsolute(string text) =>
        text.StartsWith('/')
        || (text.Length > 1 && text[0] == '\\' && text[1] is '\\' or '/')
        || (text.Length > 2 && text[1] == ':' && text[2] is '\\' or '/');

    /// <summary>Control characters stay percent-encoded in names. NUL has no use but to cut a name short, so it is refused.</summary>
    private static string EscapeControls(string text)
    {
        if (!text.Any(IsControl))
            return text;
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (c == '\0')
                throw Refused();
            escaped = IsControl(c) ? escaped.Append(CultureInfo.InvariantCulture, $"%{(int)c:x2}") : escaped.Append(c);
        }

        return escaped.ToString();
    }

    private static bool IsControl(char c) => c is < ' ' or '\x7f';
}
