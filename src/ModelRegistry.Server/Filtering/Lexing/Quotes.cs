using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Filtering.Lexing;

internal static class Quotes
{
    /// <summary>Removes one pair of outer single or double quotes. What is inside is used as it is: there are no escapes.</summary>
    public static string Trim(string text) => IsQuoted(text, '\'') || IsQuoted(text, '"') ? text[1..^1] : text;

    public static string TrimBackticks(string text) => IsQuoted(text, '`') ? text[1..^1] : text;

    public static string TrimRequired(string text) =>
        IsQuoted(text, '\'') || IsQuoted(text, '"')
            ? text[1..^1]
            : throw new FilterException(
                "Parameter value is either not quoted or unidentified quote types used for string value "
                + $"{text}. Use either single or double quotes.");

    private static bool IsQuoted(string text, char quote) => text.Length >= 2 && text[0] == quote && text[^1] == quote;
}
