using System.Globalization;
using System.Text;

namespace ModelRegistry.Server.Ui.GraphQl;

internal enum TokenKind
{
    End,
    Mark,
    Name,
    Int,
    Float,
    Text,
}

/// <param name="Value">The mark or name, the number as JSON has it, or the content of a text.</param>
internal readonly record struct Token(TokenKind Kind, string Value);

/// <summary>Cuts a query into its tokens.</summary>
internal sealed class QueryLexer(string source)
{
    private int position;

    public Token Next()
    {
        SkipIgnored();
        if (position == source.Length)
            return new Token(TokenKind.End, "");
        var c = source[position];
        if (c == '"')
            return new Token(TokenKind.Text, source.AsSpan(position).StartsWith("\"\"\"") ? BlockText() : Text());
        if (char.IsAsciiLetter(c) || c == '_')
            return new Token(TokenKind.Name, Take(next => char.IsAsciiLetterOrDigit(next) || next == '_'));
        if (char.IsAsciiDigit(c) || c == '-')
            return Number();
        if (source.AsSpan(position).StartsWith("..."))
            return Mark(3);
        return "!$&()[]{}:=@|".Contains(c, StringComparison.Ordinal) ? Mark(1) : throw Unexpected();
    }

    private void SkipIgnored()
    {
        while (position < source.Length)
        {
            if (source[position] is ' ' or '\t' or '\n' or '\r' or ',' or '\uFEFF')
                position++;
            else if (source[position] == '#')
                Take(c => c is not ('\n' or '\r'));
            else
                return;
        }
    }

    private Token Mark(int length)
    {
        position += length;
        return new Token(TokenKind.Mark, source[(position - length)..position]);
    }

    private Token Number()
    {
        var text = Take(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '+' or '.');
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return new Token(TokenKind.Int, whole.ToString(CultureInfo.InvariantCulture));
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, style, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? new Token(TokenKind.Float, number.ToString("R", CultureInfo.InvariantCulture))
            : throw new GraphQlException($"Syntax Error: Invalid number, '{text}'.");
    }

    private string Text()
    {
        var text = new StringBuilder();
        for (position++; position < source.Length && source[position] is not ('\n' or '\r'); position++)
        {
            if (source[position] == '"')
            {
                position++;
                return Checked(text.ToString());
            }

            text.Append(source[position] == '\\' ? Escape() : source[position]);
        }

        throw new GraphQlException("Syntax Error: Unterminated string.");
    }

    /// <summary>Leaves the position at the last character of the escape.</summary>
    private char Escape()
    {
        position++;
        var c = position < source.Length ? source[position] : '\0';
        if (c != 'u')
        {
            var at = "\"\\/bfnrt".IndexOf(c, StringComparison.Ordinal);
            return at >= 0 ? "\"\\/\b\f\n\r\t"[at] : throw new GraphQlException("Syntax Error: Invalid character escape sequence.");
        }

        if (position + 4 >= source.Length
            || !ushort.TryParse(source.AsSpan(position + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            throw new GraphQlException("Syntax Error: Invalid Unicode escape sequence.");
        }

        position += 4;
        return (char)code;
    }

    /// <summary>Escapes can spell halves of characters.</summary>
    private static string Checked(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                throw new GraphQlException("Syntax Error: Invalid Unicode escape sequence.");
            i++;
        }

        return text;
    }

    private string BlockText()
    {
        var start = position + 3;
        var end = start;
        do
        {
            end = source.IndexOf("\"\"\"", end, StringComparison.Ordinal);
            if (end < 0)
                throw new GraphQlException("Syntax Error: Unterminated string.");
        }
        while (source[end - 1] == '\\' && end++ > 0);

        position = end + 3;
        return Dedent(source[start..end].Replace("\\\"\"\"", "\"\"\"", StringComparison.Ordinal).ReplaceLineEndings("\n").Split('\n'));
    }

    /// <summary>Without the indentation that all lines but the first share, and without empty lines at both ends.</summary>
    private static string Dedent(string[] lines)
    {
        var indented = lines.Skip(1).Where(line => !IsBlank(line)).Select(line => line.Length - line.TrimStart(' ', '\t').Length);
        var indent = indented.DefaultIfEmpty(0).Min();
        var cut = lines.Select((line, i) => i == 0 ? line : line[Math.Min(indent, line.Length)..]);
        return string.Join('\n', cut.SkipWhile(IsBlank).Reverse().SkipWhile(IsBlank).Reverse());
    }

    private static bool IsBlank(string line) => line.AsSpan().Trim(" \t").IsEmpty;

    private string Take(Func<char, bool> belongs)
    {
        var start = position++;
        while (position < source.Length && belongs(source[position]))
            position++;
        return source[start..position];
    }

    private GraphQlException Unexpected() => new($"Syntax Error: Cannot parse the unexpected character '{source[position]}'.");
}
