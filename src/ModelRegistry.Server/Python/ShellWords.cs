using System.Text;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Python;

/// <summary>Splits a text into words as a POSIX shell does: quotes group and vanish, a backslash protects.</summary>
internal static class ShellWords
{
    public static IReadOnlyList<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            if (character is ' ' or '\t' or '\r' or '\n')
            {
                if (inWord) words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }

            inWord = true;
            if (character is '\'' or '"') index = AppendQuoted(text, index, word);
            else if (character != '\\') word.Append(character);
            else if (++index < text.Length) word.Append(text[index]);
            else throw new FilterException("No escaped character", FilterErrorKind.Internal);
        }

        if (inWord) words.Add(word.ToString());
        return words;
    }

    private static int AppendQuoted(string text, int start, StringBuilder word)
    {
        var quote = text[start];
        for (var index = start + 1; index < text.Length; index++)
        {
            if (text[index] == quote) return index;
            var protects = quote == '"' && text[index] == '\\' && index + 1 < text.Length && text[index + 1] is '"' or '\\';
            word.Append(protects ? text[++index] : text[index]);
        }

        throw new FilterException("No closing quotation", FilterErrorKind.Internal);
    }
}
