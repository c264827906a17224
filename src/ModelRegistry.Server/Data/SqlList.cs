using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace ModelRegistry.Server.Data;

/// <summary>A list among the values of a statement, which becomes as many parameters as it has members: <c>IN @names</c>.</summary>
internal sealed class SqlList(IEnumerable members) : IEnumerable
{
    private const int MaxPadded = 1024;

    private readonly List<object?> members = [.. members.Cast<object?>()];

    /// <summary>How many parameters there are.</summary>
    /// <remarks>Repeating the last one changes nothing, and gives lists of all usual lengths a few statements, which stay prepared.</remarks>
    public int Size => members.Count is 0 or > MaxPadded ? members.Count : (int)BitOperations.RoundUpToPowerOf2((uint)members.Count);

    public object? this[int index] => members[Math.Min(index, members.Count - 1)];

    public static bool IsList([NotNullWhen(true)] object? value) => value is IEnumerable and not string and not byte[];

    /// <summary>The name of the parameter for a member.</summary>
    public static string NameOf(string list, int member) => string.Create(CultureInfo.InvariantCulture, $"@{list}_{member}");

    /// <summary>Puts the parameters wherever the whole name stands.</summary>
    public string Expand(string sql, string name)
    {
        var text = new StringBuilder(sql.Length + (Size * (name.Length + 8)));
        var start = 0;
        for (var at = Next(sql, name, 0); at >= 0; at = Next(sql, name, start))
        {
            AppendParameters(text.Append(sql, start, at - start), name);
            start = at + name.Length + 1;
        }

        return text.Append(sql, start, sql.Length - start).ToString();
    }

    public IEnumerator GetEnumerator() => members.GetEnumerator();

    private void AppendParameters(StringBuilder text, string name)
    {
        if (Size == 0)
        {
            text.Append("(SELECT NULL WHERE 1 = 0)");
            return;
        }

        for (var i = 0; i < Size; i++)
            text.Append(i == 0 ? "(@" : ", @").Append(name).Append('_').Append(i);
        text.Append(')');
    }

    private static int Next(string sql, string name, int start)
    {
        for (var at = sql.IndexOf('@', start); at >= 0; at = sql.IndexOf('@', at + 1))
        {
            var rest = sql.AsSpan(at + 1);
            if (rest.StartsWith(name, StringComparison.Ordinal) && (rest.Length == name.Length || !IsNamePart(rest[name.Length])))
                return at;
        }

        return -1;
    }

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
