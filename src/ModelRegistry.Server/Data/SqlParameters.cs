using System.Collections;
using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace ModelRegistry.Server.Data;

/// <summary>Named values of a statement that is put together; others pass an object whose properties are the parameters.</summary>
internal sealed class SqlParameters
{
    private readonly OrderedDictionary<string, object?> values = [];

    /// <summary>Adds a value, or replaces it: work that is repeated adds it again.</summary>
    public void Add(string name, object? value) => values[name.TrimStart('@')] = value;

    /// <summary>
    /// Gives <paramref name="command"/> its text and values. A list becomes as many parameters as it has members: <c>IN @names</c>.
    /// </summary>
    /// <param name="source">A <see cref="SqlParameters"/>, any object, or null.</param>
    public static void Apply(DbCommand command, string sql, object? source)
    {
        command.CommandText = sql;
        if (source is SqlParameters named)
        {
            foreach (var (name, value) in named.values)
                Add(command, name, value);
        }
        else if (source is not null)
        {
            foreach (var property in ObjectProperties.Of(source.GetType()))
                Add(command, property.Name, property.Read(source));
        }
    }

    private static void Add(DbCommand command, string name, object? value)
    {
        if (value is IEnumerable list and not string and not byte[])
        {
            SqlList.Add(command, name, list);
            return;
        }

        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }

    private static class SqlList
    {
        private const int MaxPadded = 1024;

        public static void Add(DbCommand command, string name, IEnumerable list)
        {
            var values = list.Cast<object?>().ToList();
            if (values.Count == 0)
            {
                Replace(command, name, "(SELECT NULL WHERE 1 = 0)");
                return;
            }

            // Repeating the last one changes nothing, and gives lists of all usual lengths a few statements, which stay prepared.
            var size = values.Count > MaxPadded ? values.Count : (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)values.Count);
            var text = new StringBuilder("(");
            for (var i = 0; i < size; i++)
            {
                var member = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
                text.Append(i == 0 ? "@" : ", @").Append(member);
                SqlParameters.Add(command, member, values[Math.Min(i, values.Count - 1)]);
            }

            Replace(command, name, text.Append(')').ToString());
        }

        /// <summary>Puts the list wherever the whole name stands.</summary>
        private static void Replace(DbCommand command, string name, string list)
        {
            var sql = command.CommandText;
            var text = new StringBuilder(sql.Length + list.Length);
            var start = 0;
            for (var at = Next(sql, name, 0); at >= 0; at = Next(sql, name, start))
            {
                text.Append(sql, start, at - start).Append(list);
                start = at + name.Length + 1;
            }

            command.CommandText = text.Append(sql, start, sql.Length - start).ToString();
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
}

/// <summary>The properties of a type, read without reflection after the first time.</summary>
/// <param name="Read">Takes the object.</param>
internal sealed record ObjectProperties(string Name, Func<object, object?> Read)
{
    private static readonly ConcurrentDictionary<Type, ObjectProperties[]> ByType = new();

    private static readonly MethodInfo MakeReader = typeof(ObjectProperties).GetMethod(nameof(Reader), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static ObjectProperties[] Of(Type type) => ByType.GetOrAdd(
        type,
        static type => [.. type.GetProperties().Where(property => property.GetMethod is not null).Select(property => new ObjectProperties(
            property.Name,
            (Func<object, object?>)MakeReader.MakeGenericMethod(type, property.PropertyType).Invoke(null, [property.GetMethod])!))]);

    private static Func<object, object?> Reader<TOwner, TValue>(MethodInfo getter)
    {
        var read = getter.CreateDelegate<Func<TOwner, TValue>>();
        return owner => read((TOwner)owner);
    }
}
