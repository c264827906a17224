using System.Buffers;
using System.Data.Common;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ModelRegistry.Server.Data.SqliteClient;

/// <summary>A compiled statement of one connection, used by one command at a time.</summary>
internal sealed class PreparedStatement : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;
    private readonly ParameterName[] parameters;
    private string?[]? declaredTypes;
    private (ObjectProperties[] Properties, int[] Order)? plan;

    public PreparedStatement(sqlite3 database, sqlite3_stmt handle, string sql)
    {
        this.database = database;
        statement = handle;
        Handle = handle.DangerousGetHandle();
        InOrderOfUse = new LinkedListNode<PreparedStatement>(this);
        Sql = sql;
        IsReadOnly = raw.sqlite3_stmt_readonly(handle) != 0;
        parameters = new ParameterName[raw.sqlite3_bind_parameter_count(handle)];
        for (var i = 0; i < parameters.Length; i++)
            parameters[i] = ParameterName.Of(raw.sqlite3_bind_parameter_name(handle, i + 1).utf8_to_string().TrimStart('@'));
        Columns = new string[raw.sqlite3_column_count(handle)];
        for (var i = 0; i < Columns.Length; i++)
            Columns[i] = raw.sqlite3_column_name(handle, i).utf8_to_string();
    }

    /// <summary>For <see cref="SqliteNative"/>.</summary>
    public nint Handle { get; }

    public string Sql { get; }

    /// <summary>Its place among the statements that wait to be used; in no list while it is in use.</summary>
    public LinkedListNode<PreparedStatement> InOrderOfUse { get; }

    public bool IsReadOnly { get; }

    /// <summary>It is the one that is used again for its text.</summary>
    public bool IsKept { get; set; }

    /// <summary>The names of the result's columns; none for a statement that answers no rows.</summary>
    public string[] Columns { get; }

    /// <summary>How its rows are read, once that is known.</summary>
    public Delegate? RowReader { get; set; }

    /// <summary>Rows that the last run changed.</summary>
    public int Changes => IsReadOnly ? 0 : raw.sqlite3_changes(database);

    /// <summary>Goes to the next row.</summary>
    /// <exception cref="SqliteException">The database refused.</exception>
    public bool Step()
    {
        var code = SqliteNative.Step(Handle);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code != raw.SQLITE_DONE)
            SqliteException.ThrowExceptionForRC(code, database);
        return false;
    }

    /// <summary>Goes to the end.</summary>
    /// <returns>Rows that were changed.</returns>
    public int Run()
    {
        while (Step())
        {
        }

        return Changes;
    }

    /// <summary>Ends a run, and with it the lock that a read holds. An error it repeats was reported by the step.</summary>
    public void Reset() => _ = SqliteNative.Reset(Handle);

    /// <summary>The type a column was declared with; null for an expression.</summary>
    public string? DeclaredType(int ordinal)
    {
        declaredTypes ??= [.. Enumerable.Range(0, Columns.Length).Select(i => raw.sqlite3_column_decltype(statement, i).utf8_to_string())];
        return declaredTypes[ordinal];
    }

    /// <summary>Gives every parameter its value; most callers name them in the order in which they stand.</summary>
    public void Bind(DbParameterCollection values)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            var found = i < values.Count && IsNamed(values[i], parameters[i].Whole) ? values[i] : Find(values, parameters[i].Whole);
            Bind(i + 1, found.Value);
        }
    }

    /// <summary>Gives every parameter the value of the property of its name.</summary>
    /// <param name="source">null when there are no properties.</param>
    public void Bind(object? source, ObjectProperties[] properties)
    {
        if (plan?.Properties != properties)
            plan = (properties, [.. parameters.Select(name => Place(name.Whole, properties))]);
        var order = plan.Value.Order;
        for (var i = 0; i < order.Length; i++)
            Bind(i + 1, properties[order[i]].Read(source!));
    }

    /// <summary>Gives every parameter the value of its name.</summary>
    public void Bind(SqlParameters values)
    {
        for (var i = 0; i < parameters.Length; i++)
            Bind(i + 1, values.TryGet(parameters[i], out var value) ? value : throw Missing(parameters[i].Whole));
    }

    /// <summary>Gives the parameters values in the order in which they stand.</summary>
    public void Bind(object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
            Bind(i + 1, values[i]);
    }

    /// <summary>Gives the parameter at a position, counted from 1, its value.</summary>
    private void Bind(int position, object? value)
    {
        var code = value switch
        {
            null or DBNull => SqliteNative.BindNull(Handle, position),
            string text => BindText(position, text),
            long number => SqliteNative.BindInt64(Handle, position, number),
            int number => SqliteNative.BindInt64(Handle, position, number),
            bool flag => SqliteNative.BindInt64(Handle, position, flag ? 1 : 0),
            double number => SqliteNative.BindDouble(Handle, position, number),
            byte[] bytes => raw.sqlite3_bind_blob(statement, position, bytes),
            _ => throw new NotSupportedException($"A value of type {value.GetType()} cannot be stored."),
        };
        if (code != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(code, database);
    }

    public void Dispose() => statement.Dispose();

    private int BindText(int position, string text)
    {
        const int onStack = 256;
        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = size > onStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        var buffer = rented ?? stackalloc byte[onStack];

        // Never empty: the reference to the first byte must not be null, which SQLite would take for NULL.
        var code = SqliteNative.BindText(Handle, position, in MemoryMarshal.GetReference(buffer), Encoding.UTF8.GetBytes(text, buffer), SqliteNative.Transient);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return code;
    }

    private static DbParameter Find(DbParameterCollection values, string name)
    {
        foreach (DbParameter value in values)
        {
            if (IsNamed(value, name))
                return value;
        }

        throw Missing(name);
    }

    private static InvalidOperationException Missing(string name) => new($"The parameter @{name} of the statement has no value.");

    private static int Place(string name, ObjectProperties[] properties) =>
        Array.FindIndex(properties, property => property.Name == name) is >= 0 and var found ? found : throw Missing(name);

    private static bool IsNamed(DbParameter parameter, string name) => parameter.ParameterName.AsSpan().TrimStart('@').SequenceEqual(name);
}
