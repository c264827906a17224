using System.Text;

namespace ModelRegistry.MySqlClient.Statements;

/// <summary>SQL with <c>?</c> where the caller wrote <c>@name</c>, and the names in the order of the question marks.</summary>
internal sealed record ParsedStatement(string Sql, IReadOnlyList<string> ParameterNames)
{
    /// <summary>
    /// Rewrites named parameters. Strings, quoted identifiers and comments are left alone, and so is every <c>@name</c> that is not
    /// among <paramref name="names"/>: a user variable.
    /// </summary>
    public static ParsedStatement Parse(string sql, IReadOnlySet<string> names)
    {
        var output = new StringBuilder(sql.Length);
        var found = new List<string>();
        for (var position = 0; position < sql.Length;)
        {
            var end = SkipOpaque(sql, position);
            if (end == position && sql[position] == '@')
            {
                end = EndOfName(sql, position + 1);
                var name = sql[(position + 1)..end];
                if (names.Contains(name))
                {
                    output.Append('?');
                    found.Add(name);
                    position = end;
                    continue;
                }
            }

            end = Math.Max(end, position + 1);
            output.Append(sql, position, end - position);
            position = end;
        }

        return new ParsedStatement(output.ToString(), found);
    }

    /// <summary>The end of the string, quoted name or comment that begins at <paramref name="start"/>; <paramref name="start"/> if none does.</summary>
    private static int SkipOpaque(string sql, int start)
    {
        var next = start + 1 < sql.Length ? sql[start + 1] : '\0';
        return sql[start] switch
        {
            '\'' or '"' or '`' => EndOfQuoted(sql, start),
            '#' => EndOfLine(sql, start),
            '-' when next == '-' && (start + 2 >= sql.Length || char.IsWhiteSpace(sql[start + 2])) => EndOfLine(sql, start),
            '/' when next == '*' => EndOfComment(sql, start),
            '@' when next == '@' => EndOfName(sql, start + 2),
            _ => start,
        };
    }

    private static int EndOfQuoted(string sql, int start)
    {
        var quote = sql[start];
        for (var i = start + 1; i < sql.Length; i++)
        {
            if (sql[i] == '\\' && quote == '\'')
                i++;
            else if (sql[i] == quote)
                return i + 1; // A doubled quote begins the next quoted piece, which comes to the same.
        }

        return sql.Length;
    }

    private static int EndOfLine(string sql, int start)
    {
        var end = sql.IndexOf('\n', start);
        return end < 0 ? sql.Length : end + 1;
    }

    private static int EndOfComment(string sql, int start)
    {
        var end = sql.IndexOf("*/", start + 2, StringComparison.Ordinal);
        return end < 0 ? sql.Length : end + 2;
    }

    private static int EndOfName(string sql, int start)
    {
        var end = start;
        while (end < sql.Length && (char.IsLetterOrDigit(sql[end]) || sql[end] is '_' or '$'))
            end++;
        return end;
    }
}
