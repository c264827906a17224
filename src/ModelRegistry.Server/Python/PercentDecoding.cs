namespace ModelRegistry.Server.Python;

/// <summary>Percent-decoding until nothing is left to decode, so that no layer of escapes hides what a check looks for.</summary>
internal static class PercentDecoding
{
    // MLflow's own number of rounds. Unbounded, a text of nested escapes costs the square of its length.
    private const int MaxRounds = 10;

    /// <param name="plusIsBlank">Whether <c>+</c> stands for a blank as well, as in <c>urllib.parse.unquote_plus</c>.</param>
    /// <returns>null when there is something left after the last round: nobody has a use for such a text but to get past a check.</returns>
    public static string? Fully(string text, bool plusIsBlank = false)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var decoded = Uri.UnescapeDataString(plusIsBlank ? text.Replace('+', ' ') : text);
            if (decoded == text)
                return text;
            text = decoded;
        }

        return null;
    }
}
