using ModelRegistry.Server.Filtering.Parsing;
using static ModelRegistry.Server.Filtering.Lexing.FilterCharacters;

namespace ModelRegistry.Server.Filtering.Lexing;

internal sealed partial class FilterLexer
{
    private static readonly string[] WordsNeverNames = ["CASE", "IN", "VALUES", "USING", "FROM", "AS"];
    private static readonly string[] PatternComparators = ["LIKE", "ILIKE", "RLIKE", "REGEXP"];
    private static readonly string[] KeywordPairs = ["ORDER BY", "GROUP BY", "UNION ALL", "PRIMARY KEY"];

    private int WordEnd(int index)
    {
        for (var width = WordWidth(_source, index); width > 0; width = WordWidth(_source, index)) index += width;
        return index;
    }

    private int SkipSpace(int index)
    {
        while (index < _source.Length && char.IsWhiteSpace(_source[index])) index++;
        return index;
    }

    private bool WordIs(int start, int end, string word) =>
        _source.AsSpan(start, end - start).Equals(word, StringComparison.OrdinalIgnoreCase);

    private bool WordIsAny(int start, int end, string[] words) => Array.Exists(words, word => WordIs(start, end, word));

    /// <summary>Words before or after a dot and before a parenthesis are names, whatever they mean elsewhere.</summary>
    private bool TryWord()
    {
        var end = WordEnd(_position);
        if (end == _position) return false;
        if (WordIsAny(_position, end, WordsNeverNames)) return TakeTo(NodeKind.Keyword, end);
        if (!IsLatinLetter(Current)) return false;

        var next = SkipSpace(end);
        var besideDot = (next < _source.Length && _source[next] == '.') || (_position > 0 && _source[_position - 1] == '.');
        var beforeParenthesis = end < _source.Length && _source[end] == '(';
        return (besideDot || beforeParenthesis) && TakeTo(NodeKind.Name, end);
    }

    private bool TryPlainWord()
    {
        var end = WordEnd(_position);
        if (end == _position) return false;
        if (TryTwoWords(end)) return true;
        if (WordIs(_position, end, "ASC") || WordIs(_position, end, "DESC")) return TakeTo(NodeKind.Direction, end);
        if (WordIsAny(_position, end, PatternComparators)) return TakeTo(NodeKind.Comparator, end);

        while (end < _source.Length && (_source[end] is '$' or '#' || WordWidth(_source, end) > 0))
            end += Math.Max(1, WordWidth(_source, end));
        return TakeTo(ReservedWords.Classify(_source.AsSpan(_position, end - _position)), end);
    }

    private bool TryTwoWords(int firstEnd)
    {
        var second = SkipSpace(firstEnd);
        var end = WordEnd(second);
        if (second == firstEnd || end == second) return false;
        if (WordIs(_position, firstEnd, "NOT"))
        {
            if (WordIs(second, end, "NULL")) return TakeTo(NodeKind.Keyword, end);
            return WordIsAny(second, end, PatternComparators) && TakeTo(NodeKind.Comparator, end);
        }

        foreach (var pair in KeywordPairs)
        {
            var space = pair.IndexOf(' ', StringComparison.Ordinal);
            if (WordIs(_position, firstEnd, pair[..space]) && WordIs(second, end, pair[(space + 1)..]))
                return TakeTo(NodeKind.Keyword, end);
        }

        return false;
    }

    private bool TryNumber()
    {
        var start = _position + (Current == '-' ? 1 : 0);
        var digits = DigitsEnd(start);
        if (digits > start)
        {
            if (TryHexadecimal(start)) return true;
            var exponent = ExponentEnd(digits);
            if (exponent > 0) return TakeTo(NodeKind.Float, exponent);
        }

        return TryFraction(start, digits) || (digits > start && TakeNumber(NodeKind.Integer, digits, start + 1));
    }

    private bool TryHexadecimal(int start)
    {
        if (_source[start] != '0' || start + 2 >= _source.Length || _source[start + 1] is not ('x' or 'X')) return false;
        var end = start + 2;
        while (end < _source.Length && char.IsAsciiHexDigit(_source[end])) end++;
        return end > start + 2 && TakeTo(NodeKind.Hexadecimal, end);
    }

    private int ExponentEnd(int integerEnd)
    {
        var mantissa = integerEnd;
        if (mantissa < _source.Length && _source[mantissa] == '.' && DigitsEnd(mantissa + 1) > mantissa + 1)
            mantissa = DigitsEnd(mantissa + 1);
        if (mantissa >= _source.Length || _source[mantissa] is not ('e' or 'E')) return -1;
        var exponent = mantissa + 1 + (mantissa + 1 < _source.Length && _source[mantissa + 1] == '-' ? 1 : 0);
        return DigitsEnd(exponent) > exponent ? DigitsEnd(exponent) : -1;
    }

    private bool TryFraction(int start, int integerEnd)
    {
        if (integerEnd >= _source.Length || _source[integerEnd] != '.') return false;
        var end = DigitsEnd(integerEnd + 1);
        var shortest = integerEnd > start ? integerEnd + 1 : integerEnd + 2;
        return end >= shortest && TakeNumber(NodeKind.Float, end, shortest);
    }

    /// <summary>A number that runs into a letter gives its last digit to the word that follows: <c>12ab</c> is 1 and 2ab.</summary>
    private bool TakeNumber(NodeKind kind, int end, int shortest)
    {
        var beforeLetter = end < _source.Length && (_source[end] == '_' || IsLatinLetter(_source[end]));
        if (beforeLetter && end - 1 < shortest) return false;
        return TakeTo(kind, beforeLetter ? end - 1 : end);
    }

    private int DigitsEnd(int index)
    {
        while (index < _source.Length && char.IsAsciiDigit(_source[index])) index++;
        return index;
    }
}
