using System.Collections.Concurrent;
using System.Text;

namespace ModelRegistry.MySqlClient.Statements;

/// <summary>SQL with <c>?</c> where the caller wrote <c>@name</c>, and the names in the order of the question marks.</summary>
internal sealed record ParsedStatement(string Sql, IReadOnlyList<string> ParameterNames)
{
    // Statements are few and repeat; a program that makes up new ones without end starts over now and then.
    private const int MaxKept = 2000;
    private static readonly ConcurrentDictionary<string, ParsedStatement> Kept = new();

    /// <summary>As <see cref="Parse"/>, from memory where every name after an <c>@</c> is one of <paramref name="parameters"/> and was before.</summary>
    /// <param name="values">The values in the order of the question marks.</param>
    public static ParsedStatement Find(string sql, MySqlParameterCollection parameters, out object?[] values)
    {
        if (!Kept.TryGetValue(sql, out var parsed) || !parsed.TryBind(parameters, out values))
        {
            parsed = Parse(sql, parameters);
            if (!parsed.TryBind(parameters, out values))
                throw new InvalidOperationException("A parameter was taken away while the statement was parsed.");
            if (parsed.Sql.Contains('@', StringComparison.Ordinal))
                return parsed;
            if (Kept.Count >= MaxKept)
                Kept.Clear();
            Kept[sql] = parsed;
        }

        return parsed;
    }

    /// <summary>
    /// Rewrites named parameters. Strings, quoted identifiers and comments are left alone, and so is every <c>@name</c> that is not
    /// among <paramref name="parameters"/>: a user variable.
    /// </summary>
    public static ParsedStatement Parse(string sql, MySqlParameterCollection parameters)
    {
        var output = new StringBuilder(sql.Length);
        var found = new List<string>();
        var copied = 0;
        for (var position = 0; position < sql.Length;)
        {
            var end = SkipOpaque(sql, position);
            if (end == position && sql[position] == '@')
            {
                end = EndOfName(sql, position + 1);
                var name = sql[(position + 1)..end];
                if (parameters.Find(name, found.Count) is not null)
                {
                    output.Append(sql, copied, position - copied).Append('?');
                    found.Add(name);
                    copied = end;
                }
            }

            position = Math.Max(end, position + 1);
        }

        return new ParsedStatement(output.Append(sql, copied, sql.Length - copied).ToString(), found);
    }

    private bool TryBind(MySqlParameterCollection parameters, out object?[] values)
    {
        values = new object?[ParameterNames.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (parameters.Find(ParameterNames[i], i) is not { } parameter)
                return false;
            values[i] = parameter.Value is DBNull ? null : parameter.Value;
        }

        return true;
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

    // A backslash escapes in '…' alone: "…" is a name here, because the product's sessions set ANSI_QUOTES.
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
