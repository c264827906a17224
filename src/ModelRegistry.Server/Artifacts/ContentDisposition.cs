using System.Text;

namespace ModelRegistry.Server.Artifacts;

/// <summary>
/// The header that makes a browser save a file instead of showing it, which on this server's origin might run its script.
/// </summary>
internal static class ContentDisposition
{
    /// <summary>As the artifact proxy of MLflow has it: an ASCII name goes out bare, whatever is in it.</summary>
    public static string BareAttachment(string fileName) =>
        Ascii.IsValid(fileName) ? $"attachment; filename={fileName}" : Attachment(fileName);

    public static string Attachment(string fileName)
    {
        if (Ascii.IsValid(fileName))
            return $"attachment; filename={Quote(fileName)}";
        var fallback = string.Concat(fileName.EnumerateRunes().Select(rune => rune.IsAscii ? rune.ToString() : "_"));
        return $"attachment; filename={Quote(fallback)}; filename*=UTF-8''{Uri.EscapeDataString(fileName)}";
    }

    private static string Quote(string name) =>
        name.Length > 0 && name.All(IsTokenCharacter)
            ? name
            : $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static bool IsTokenCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal);
}
