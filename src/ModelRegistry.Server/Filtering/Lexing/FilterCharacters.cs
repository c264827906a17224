using System.Buffers;
using System.Globalization;
using System.Text;

namespace ModelRegistry.Server.Filtering.Lexing;

internal static class FilterCharacters
{
    public static readonly SearchValues<char> Comparators = SearchValues.Create("<>=~!");

    public static readonly SearchValues<char> Operators = SearchValues.Create("+/@#%^&|-");

    public const string Punctuation = ";:()[],.";

    /// <summary>A letter that can start a name next to a dot or a number: Latin letters of Latin-1.</summary>
    public static bool IsLatinLetter(char character) =>
        char.IsAsciiLetter(character) || character is (>= 'À' and <= 'Ü') or (>= 'à' and <= 'ü' and not '÷');

    /// <summary>Number of chars of the word character at a position, 0 when there is none.</summary>
    public static int WordWidth(string source, int index)
    {
        if (index >= source.Length) return 0;
        if (IsWord(source[index])) return 1;
        return Rune.TryGetRuneAt(source, index, out var rune) && Rune.IsLetterOrDigit(rune) ? rune.Utf16SequenceLength : 0;
    }

    public static bool IsWordBefore(string source, int index) =>
        index > 0
        && (IsWord(source[index - 1]) || (char.IsLowSurrogate(source[index - 1]) && index > 1 && WordWidth(source, index - 2) == 2));

    public static int CharacterWidth(string source, int index) =>
        Rune.TryGetRuneAt(source, index, out var rune) ? rune.Utf16SequenceLength : 1;

    private static bool IsWord(char character) =>
        character == '_' || char.IsLetterOrDigit(character)
        || char.GetUnicodeCategory(character) is UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
