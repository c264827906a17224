using System.Globalization;
using System.Numerics;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Python;

/// <param name="Text">The value of a string, null for everything else.</param>
/// <param name="Repr">The value as a message prints it.</param>
/// <param name="Items">The items of a tuple, null for everything else.</param>
internal sealed record PythonValue(string? Text, string Repr, IReadOnlyList<PythonValue>? Items = null);

/// <summary>The list of a filter is a Python literal: strings, numbers, constants, tuples and lists of them.</summary>
internal sealed class PythonLiteral
{
    private const int MaxDepth = 100;

    private readonly string _source;
    private int _position;
    private int _depth;

    private PythonLiteral(string source) => _source = source;

    /// <summary>The value, or null for a text that is no Python expression.</summary>
    /// <exception cref="FilterException">An expression that is no literal, such as a bare word: an internal error.</exception>
    public static PythonValue? ParseOrNull(string source)
    {
        var reader = new PythonLiteral(source);
        var value = reader.ReadValue();
        reader.SkipSpace();
        return reader._position == source.Length ? value : null;
    }

    private char Current => _position < _source.Length ? _source[_position] : '\0';

    private void SkipSpace()
    {
        while (_position < _source.Length && char.IsWhiteSpace(Current)) _position++;
    }

    private bool TryTake(char character)
    {
        SkipSpace();
        if (Current != character || _position >= _source.Length) return false;
        _position++;
        return true;
    }

    private PythonValue? ReadValue()
    {
        SkipSpace();
        if (Current is '(' or '[') return ReadSequence();
        if (Current is '\'' or '"') return ReadStrings();
        if (Current is '-' or '.' || char.IsAsciiDigit(Current)) return ReadNumber();
        return char.IsLetter(Current) || Current == '_' ? ReadWord() : null;
    }

    private PythonValue? ReadSequence()
    {
        var isTuple = Current == '(';
        var close = isTuple ? ')' : ']';
        var items = new List<PythonValue>();
        var hasComma = false;
        _position++;
        if (++_depth > MaxDepth) return null;

        while (!TryTake(close))
        {
            if ((items.Count > 0 && !hasComma) || ReadValue() is not { } item) return null;
            items.Add(item);
            hasComma = TryTake(',');
        }

        _depth--;
        var printed = items.ConvertAll(item => item.Repr);
        if (!isTuple) return new PythonValue(null, $"[{string.Join(", ", printed)}]");
        return items.Count == 1 && !hasComma ? items[0] : new PythonValue(null, PythonText.Tuple(printed), items);
    }

    /// <summary>Neighbouring strings are one string, so <c>'it''s'</c> is <c>its</c>.</summary>
    private PythonValue? ReadStrings()
    {
        var text = "";
        while (Current is '\'' or '"')
        {
            if (PythonString.ReadOrNull(_source, ref _position) is not { } part) return null;
            text += part;
            SkipSpace();
        }

        return new PythonValue(text, PythonText.Repr(text));
    }

    private PythonValue? ReadNumber()
    {
        var start = _position++;
        while (char.IsAsciiLetterOrDigit(Current) || Current is '.' or '_' || IsExponentSign()) _position++;
        var text = _source[start.._position];
        var digits = text.TrimStart('-');
        if (digits.Length > 1 && digits[0] == '0' && digits.TrimStart('0').Length > 0 && digits.All(char.IsAsciiDigit)) return null;
        if (BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            return new PythonValue(null, integer.ToString(CultureInfo.InvariantCulture));
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new PythonValue(null, PrintFloat(number))
            : null;
    }

    private bool IsExponentSign() => Current is '-' or '+' && _source[_position - 1] is 'e' or 'E';

    private static string PrintFloat(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
        return text.AsSpan().ContainsAny('.', 'e') || !double.IsFinite(number) ? text : text + ".0";
    }

    private PythonValue ReadWord()
    {
        var start = _position;
        while (char.IsLetterOrDigit(Current) || Current == '_') _position++;
        var word = _source[start.._position];
        return word is "None" or "True" or "False"
            ? new PythonValue(null, word)
            : throw new FilterException($"malformed node or string on line 1: {word}", FilterErrorKind.Internal);
    }
}
