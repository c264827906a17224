using System.Text;
using System.Text.RegularExpressions;
using System.Web;

namespace ModelRegistry.Tests.Recordings;

/// <summary>What counts of a Content-Disposition header: the type and the file name, however it is written.</summary>
internal sealed partial record ContentDisposition(string Type, string? FileName)
{
    public static ContentDisposition Parse(string header)
    {
        var (type, rest) = header.Split(';', 2) is [var kind, var parameters] ? (kind, parameters) : (header, "");
        return new ContentDisposition(type.Trim().ToLowerInvariant(), ExtendedName(rest) ?? PlainName(rest));
    }

    private static string? ExtendedName(string parameters)
    {
        if (Extended().Match(parameters) is not { Success: true } match)
            return null;
        var charset = match.Groups[1].Value is { Length: > 0 } name ? Encoding.GetEncoding(name) : Encoding.UTF8;
        // HttpUtility would read a plus as a blank, which this encoding does not know.
        return HttpUtility.UrlDecode(match.Groups[2].Value.Trim().Replace("+", "%2B", StringComparison.Ordinal), charset);
    }

    private static string? PlainName(string parameters)
    {
        if (Plain().Match(parameters) is not { Success: true } match)
            return null;
        var value = match.Groups[1].Value.Trim();
        return value.StartsWith('"') ? Escaped().Replace(value[1..^1], "$1") : value;
    }

    [GeneratedRegex(@"filename\*\s*=\s*([^']*)'[^']*'([^;]+)")]
    private static partial Regex Extended();

    [GeneratedRegex("""filename\s*=\s*("(?:[^"\\]|\\.)*"|[^;]+)""")]
    private static partial Regex Plain();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escaped();
}
