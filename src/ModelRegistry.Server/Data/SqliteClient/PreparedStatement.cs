using System.Buffers;
using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ModelRegistry.Server.Data.SqliteClient;

/// <summary>A compiled statement of one connection, used by one command at a time.</summary>
internal sealed class PreparedStatement : IDisposable
{
    private readonly sqlite3 database;
    private readonly string[] parameters;
    private string?[]? declaredTypes;

    public PreparedStatement(sqlite3 database, sqlite3_stmt handle)
    {
        this.database = database;
        Handle = handle;
        IsReadOnly = raw.sqlite3_stmt_readonly(handle) != 0;
        parameters = new string[raw.sqlite3_bind_parameter_count(handle)];
        for (var i = 0; i < parameters.Length; i++)
            parameters[i] = raw.sqlite3_bind_parameter_name(handle, i + 1).utf8_to_string().TrimStart('@');
        Columns = new string[raw.sqlite3_column_count(handle)];
        for (var i = 0; i < Columns.Length; i++)
            Columns[i] = raw.sqlite3_column_name(handle, i).utf8_to_string();
    }

    public sqlite3_stmt Handle { get; }

    public bool IsReadOnly { get; }

    /// <summary>The names of the result's columns; none for a statement that answers no rows.</summary>
    public string[] Columns { get; }

    /// <summary>Rows that the last run changed.</summary>
    public int Changes => IsReadOnly ? 0 : raw.sqlite3_changes(database);

    /// <summary>Goes to the next row.</summary>
    /// <exception cref="SqliteException">The database refused.</exception>
    public bool Step()
    {
        var code = raw.sqlite3_step(Handle);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code != raw.SQLITE_DONE)
            SqliteException.ThrowExceptionForRC(code, database);
        return false;
    }

    /// <summary>Ends a run, and with it the lock that a read holds. An error it repeats was reported by the step.</summary>
    public void Reset() => _ = raw.sqlite3_reset(Handle);

    /// <summary>The type a column was declared with; null for an expression.</summary>
    public string? DeclaredType(int ordinal)
    {
        declaredTypes ??= [.. Enumerable.Range(0, Columns.Length).Select(i => raw.sqlite3_column_decltype(Handle, i).utf8_to_string())];
        return declaredTypes[ordinal];
    }

    /// <summary>Gives every parameter its value; most callers name them in the order in which they stand.</summary>
    public void Bind(DbParameterCollection values)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            var found = i < values.Count && IsNamed(values[i], parameters[i]) ? values[i] : Find(values, parameters[i]);
            Bind(i + 1, found.Value);
        }
    }

    /// <summary>Gives the parameter at a position, counted from 1, its value.</summary>
    public void Bind(int position, object? value)
    {
        var code = value switch
        {
            null or DBNull => raw.sqlite3_bind_null(Handle, position),
            string text => BindText(position, text),
            long number => raw.sqlite3_bind_int64(Handle, position, number),
            int number => raw.sqlite3_bind_int64(Handle, position, number),
            bool flag => raw.sqlite3_bind_int64(Handle, position, flag ? 1 : 0),
            double number => raw.sqlite3_bind_double(Handle, position, number),
            byte[] bytes => raw.sqlite3_bind_blob(Handle, position, bytes),
            _ => throw new NotSupportedException($"A value of type {value.GetType()} cannot be stored."),
        };
        if (code != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(code, database);
    }

    public void Dispose() => Handle.Dispose();

    private int BindText(int position, string text)
    {
        const int onStack = 256;
        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = size > onStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        var buffer = rented ?? stackalloc byte[onStack];

        // SQLite copies the bytes. An empty span would be a null pointer, and that NULL: so the length is given apart.
        var code = text.Length == 0
            ? raw.sqlite3_bind_text(Handle, position, "")
            : raw.sqlite3_bind_text(Handle, position, buffer[..Encoding.UTF8.GetBytes(text, buffer)]);
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

        throw new InvalidOperationException($"The parameter @{name} of the statement has no value.");
    }

    private static bool IsNamed(DbParameter parameter, string name) => parameter.ParameterName.AsSpan().TrimStart('@').SequenceEqual(name);
}
