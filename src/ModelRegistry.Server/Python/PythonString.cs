using System.Globalization;
using System.Text;

namespace ModelRegistry.Server.Python;

internal static class PythonString
{
    /// <summary>Reads the quoted string at a position and moves behind it; null when it has no end or a broken escape.</summary>
    public static string? ReadOrNull(string source, ref int position)
    {
        var quote = source[position++];
        var result = new StringBuilder();
        while (position < source.Length && source[position] is not ('\n' or '\r'))
        {
            var character = source[position++];
            if (character == quote) return result.ToString();
            if (character != '\\') result.Append(character);
            else if (!TryEscape(source, ref position, result)) return null;
        }

        return null;
    }

    private static bool TryEscape(string source, ref int position, StringBuilder result)
    {
        if (position >= source.Length) return false;
        var character = source[position++];
        var digits = character switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0) return TryCodePoint(source, ref position, digits, result);
        if (character is >= '0' and <= '7')
        {
            AppendOctal(source, ref position, result);
            return true;
        }

        var replacement = character switch
        {
            'n' => "\n", 't' => "\t", 'r' => "\r", 'a' => "\a", 'b' => "\b", 'f' => "\f", 'v' => "\v",
            '\'' or '"' or '\\' => character.ToString(),
            '\n' => "",
            _ => $"\\{character}",
        };
        result.Append(replacement);
        return true;
    }

    private static void AppendOctal(string source, ref int position, StringBuilder result)
    {
        var value = 0;
        var end = Math.Min(source.Length, position + 2);
        for (position--; position < end && source[position] is >= '0' and <= '7'; position++)
            value = (value * 8) + (source[position] - '0');
        result.Append((char)value);
    }

    private static bool TryCodePoint(string source, ref int position, int digits, StringBuilder result)
    {
        if (position + digits > source.Length
            || !uint.TryParse(source.AsSpan(position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value > 0x10FFFF)
            return false;
        position += digits;
        if (value < 0x10000) result.Append((char)value);
        else result.Append(char.ConvertFromUtf32((int)value));
        return true;
    }
}
