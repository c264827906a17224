using System.Collections.Frozen;
using System.Data.Common;
using System.Globalization;
using System.Reflection;
using Dapper;

namespace ModelRegistry.Server.Data;

/// <summary>
/// Turns rows into <typeparamref name="T"/>: a value, or a record whose properties are named as the columns are, without their underscores.
/// Typed setters, made once, instead of code generated per statement: half the work of a lookup. What it does not know is left to Dapper.
/// </summary>
internal static class RowMapper<T>
{
    private static readonly Func<DbDataReader, int, T>? ReadScalar = ColumnReader.Find(typeof(T)) as Func<DbDataReader, int, T>;
    private static readonly FrozenDictionary<string, Setter>? Setters = ReadScalar is null ? FindSetters() : null;

    /// <summary>The function that reads the row a reader stands on.</summary>
    /// <param name="command">What the rows are an answer to; null when it is one of several in a batch.</param>
    private static Func<DbDataReader, T> For(DbDataReader reader, DbCommand? command)
    {
        if (ReadScalar is not null)
            return ReadValue;
        if (Setters is null)
            return reader.GetRowParser<T>();
        if (command is not PreparedSqliteCommand kept)
            return ForColumns(reader);
        if (kept.RowReader is not Func<DbDataReader, T> known)
            kept.RowReader = known = ForColumns(reader);
        return known;
    }

    private static Func<DbDataReader, T> ForColumns(DbDataReader reader)
    {
        var columns = new Setter?[reader.FieldCount];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = Setters!.GetValueOrDefault(reader.GetName(i).Replace("_", "", StringComparison.Ordinal));
        return row => ReadRecord(row, columns);
    }

    /// <summary>The first row of the result that a reader stands before, or the default of <typeparamref name="T"/> when there is none.</summary>
    public static async Task<T?> ReadFirstAsync(DbDataReader reader, DbCommand? command, CancellationToken cancellationToken) =>
        await reader.ReadAsync(cancellationToken) ? For(reader, command)(reader) : default;

    /// <summary>All rows of the result that a reader stands before.</summary>
    public static async Task<List<T>> ReadAllAsync(DbDataReader reader, DbCommand? command, CancellationToken cancellationToken)
    {
        var rows = new List<T>();

        // Not HasRows: MySqlConnector waits for the first row on the thread that asks, and cannot be cancelled there.
        if (!await reader.ReadAsync(cancellationToken))
            return rows;
        var read = For(reader, command);
        do
            rows.Add(read(reader));
        while (await reader.ReadAsync(cancellationToken));
        return rows;
    }

    private static T ReadValue(DbDataReader row) => row.IsDBNull(0) ? default! : ReadScalar!(row, 0);

    private static T ReadRecord(DbDataReader row, Setter?[] columns)
    {
        var record = Activator.CreateInstance<T>();
        for (var i = 0; i < columns.Length; i++)
        {
            // A property keeps its default where the column is NULL.
            if (columns[i] is { } setter && !row.IsDBNull(i))
                setter.Set(record, row, i);
        }

        return record;
    }

    private static FrozenDictionary<string, Setter>? FindSetters()
    {
        if (!typeof(T).IsClass || typeof(T) == typeof(object) || typeof(T).GetConstructor(Type.EmptyTypes) is null)
            return null;
        var properties = typeof(T).GetProperties().Where(property => property.SetMethod is not null).ToList();
        return properties.TrueForAll(property => ColumnReader.Find(property.PropertyType) is not null)
            ? properties.ToFrozenDictionary(property => property.Name, Setter.Of, StringComparer.OrdinalIgnoreCase)
            : null;
    }

    private abstract class Setter
    {
        public abstract void Set(T record, DbDataReader row, int ordinal);

        public static Setter Of(PropertyInfo property) =>
            (Setter)Activator.CreateInstance(typeof(Setter<>).MakeGenericType(typeof(T), property.PropertyType), property)!;
    }

    private sealed class Setter<TValue>(PropertyInfo property) : Setter
    {
        private readonly Action<T, TValue> assign = property.SetMethod!.CreateDelegate<Action<T, TValue>>();
        private readonly Func<DbDataReader, int, TValue> read = (Func<DbDataReader, int, TValue>)ColumnReader.Find(typeof(TValue))!;

        public override void Set(T record, DbDataReader row, int ordinal) => assign(record, read(row, ordinal));
    }
}

/// <summary>How a column that is not NULL is read as each of the types that rows have.</summary>
internal static class ColumnReader
{
    private static readonly FrozenDictionary<Type, Delegate> ByType = new Delegate[]
    {
        Text,
        static (DbDataReader row, int ordinal) => row.GetInt64(ordinal),
        static (DbDataReader row, int ordinal) => (long?)row.GetInt64(ordinal),
        static (DbDataReader row, int ordinal) => row.GetInt32(ordinal),
        static (DbDataReader row, int ordinal) => (int?)row.GetInt32(ordinal),
        static (DbDataReader row, int ordinal) => row.GetDouble(ordinal),
        static (DbDataReader row, int ordinal) => (double?)row.GetDouble(ordinal),
        static (DbDataReader row, int ordinal) => row.GetBoolean(ordinal),
        static (DbDataReader row, int ordinal) => (bool?)row.GetBoolean(ordinal),
    }.ToFrozenDictionary(reader => reader.Method.ReturnType);

    /// <returns>A function of a reader and an ordinal; null for a type that is not read here.</returns>
    public static Delegate? Find(Type type) => ByType.GetValueOrDefault(type);

    private static string Text(DbDataReader row, int ordinal) =>
        row.GetFieldType(ordinal) == typeof(string)
            ? row.GetString(ordinal)
            : Convert.ToString(row.GetValue(ordinal), CultureInfo.InvariantCulture)!;
}
