using ModelRegistry.Server.Filtering.Parsing;
using static ModelRegistry.Server.Filtering.Lexing.FilterCharacters;

namespace ModelRegistry.Server.Filtering.Lexing;

/// <summary>
/// Splits a filter into tokens the way a permissive SQL tokeniser does. The order of the rules is the grammar:
/// the first rule that accepts the text at a position wins. Every rule looks at a character a bounded number of times.
/// </summary>
internal sealed partial class FilterLexer
{
    /// <summary>Clients get an error above this many tokens, white space included.</summary>
    public const int MaxTokens = 10_000;

    private readonly string _source;
    private readonly List<FilterNode> _tokens = [];
    private int _position;
    private int _count;
    private bool _hasOpenComment;

    private FilterLexer(string source) => _source = source;

    /// <summary>The tokens without white space, or null when there are too many.</summary>
    public static List<FilterNode>? ReadOrNull(string source)
    {
        var lexer = new FilterLexer(source);
        while (lexer._position < source.Length)
        {
            if (++lexer._count > MaxTokens) return null;
            lexer.ReadNext();
        }

        return lexer._tokens;
    }

    private char Current => Peek(0);

    private char Peek(int ahead) => _position + ahead < _source.Length ? _source[_position + ahead] : '\0';

    private void ReadNext()
    {
        if (char.IsWhiteSpace(Current) || Current is >= '\x1c' and <= '\x1f')
        {
            _position += Current == '\r' && Peek(1) == '\n' ? 2 : 1;
            return;
        }

        if (TryComment() || TrySymbol() || TryWord() || TryNumber() || TryQuoted() || TryPlainWord() || TryPunctuation())
            return;
        Take(NodeKind.Odd, CharacterWidth(_source, _position));
    }

    private bool Take(NodeKind kind, int length)
    {
        _tokens.Add(new FilterNode(kind, _source, _position, _position + length));
        _position += length;
        return true;
    }

    private bool TakeTo(NodeKind kind, int end) => Take(kind, end - _position);

    private bool TryComment()
    {
        if ((Current == '-' && Peek(1) == '-') || (Current == '#' && Peek(1) == ' '))
        {
            var end = _source.AsSpan(_position).IndexOfAny('\r', '\n');
            return TakeTo(NodeKind.Comment, end < 0 ? _source.Length : _position + end + 1);
        }

        if (Current != '/' || Peek(1) != '*' || _hasOpenComment) return false;
        var close = _source.IndexOf("*/", _position + 2, StringComparison.Ordinal);
        // Without a closing mark here there is none further on either; remember it, or many "/*" would cost a scan each.
        _hasOpenComment = close < 0;
        return close >= 0 && TakeTo(NodeKind.Comment, close + 2);
    }

    private bool TrySymbol()
    {
        switch (Current)
        {
            case ':' when Peek(1) == '=':
                return Take(NodeKind.Assignment, 2);
            case ':' when Peek(1) == ':':
                return Take(NodeKind.Punctuation, 2);
            case '*':
                return Take(NodeKind.Wildcard, 1);
            case '`':
                return TryPairedQuotes('`', NodeKind.Name);
            case '?':
                return Take(NodeKind.Placeholder, 1);
            case '%' when Peek(1) is 's' or 'S':
                return Take(NodeKind.Placeholder, 2);
            case '$' or ':' when !IsWordBefore(_source, _position) && WordEnd(_position + 1) > _position + 1:
                return TakeTo(NodeKind.Placeholder, WordEnd(_position + 1));
            case '\\' when WordEnd(_position + 1) > _position + 1:
                return TakeTo(NodeKind.Odd, WordEnd(_position + 1));
            case '@' or '#':
                return TryMarkedName();
            default:
                return false;
        }
    }

    private bool TryMarkedName()
    {
        var start = _position + (Current == '#' && Peek(1) == '#' ? 2 : 1);
        return start < _source.Length && IsLatinLetter(_source[start]) && WordEnd(start) > start + 1
            && TakeTo(NodeKind.Name, WordEnd(start));
    }

    private bool TryQuoted() => Current switch
    {
        '\'' => TryPairedQuotes('\'', NodeKind.Text),
        '"' => TryPairedQuotes('"', NodeKind.Symbol),
        '[' when !IsWordBefore(_source, _position) && (_position == 0 || _source[_position - 1] is not (']' or ')')) => TryBracketName(),
        _ => false,
    };

    /// <summary>A doubled quote, and for strings a quote after a backslash, stay inside; unless nothing closes the text after it.</summary>
    private bool TryPairedQuotes(char quote, NodeKind kind)
    {
        var fallback = -1;
        for (var index = _position + 1; index < _source.Length; index++)
        {
            var pairedWithNext = index + 1 < _source.Length && _source[index + 1] == quote;
            if (_source[index] == '\\' && pairedWithNext && quote != '`')
            {
                fallback = index + 2;
                index++;
            }
            else if (_source[index] == quote)
            {
                if (!pairedWithNext) return TakeTo(kind, index + 1);
                fallback = index + 1;
                index++;
            }
        }

        return fallback >= 0 && TakeTo(kind, fallback);
    }

    private bool TryBracketName()
    {
        var end = _source.AsSpan(_position + 1).IndexOfAny('[', ']');
        return end > 0 && _source[_position + 1 + end] == ']' && Take(NodeKind.Name, end + 2);
    }

    private bool TryPunctuation()
    {
        if (Punctuation.Contains(Current, StringComparison.Ordinal)) return Take(NodeKind.Punctuation, 1);
        if (Current == '-') return Take(NodeKind.Operator, Peek(1) != '>' ? 1 : Peek(2) == '>' ? 3 : 2);
        if (Current == '#' && Peek(1) is '>' or '-') return Take(NodeKind.Operator, Peek(1) == '>' && Peek(2) == '>' ? 3 : 2);
        if ((Current == '@' && Peek(1) == '>') || (Current == '<' && Peek(1) == '@')) return Take(NodeKind.Operator, 2);
        return TryRun(NodeKind.Comparator, Comparators) || TryRun(NodeKind.Operator, Operators);
    }

    private bool TryRun(NodeKind kind, System.Buffers.SearchValues<char> characters)
    {
        var length = _source.AsSpan(_position).IndexOfAnyExcept(characters);
        if (length < 0) length = _source.Length - _position;
        return length > 0 && Take(kind, length);
    }
}
