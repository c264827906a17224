using System.Collections;
using System.Data.Common;
using System.Globalization;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace ModelRegistry.Server.Data.SqliteClient;

/// <summary>The rows of one run of a statement, which goes back to its connection when they have been read.</summary>
/// <param name="isOnRow">The first step, which the command made, found a row.</param>
internal sealed class SqliteSessionReader(StatementCache statements, PreparedStatement statement, bool isOnRow) : DbDataReader
{
    private readonly nint handle = statement.Handle;
    private readonly string[] columns = statement.Columns;
    private readonly bool hasRows = isOnRow;
    private bool isFirst = true;
    private bool isDone = !isOnRow;
    private bool isClosed;
    private int changes = -1;

    public PreparedStatement Statement => statement;

    public override int Depth => 0;

    public override int FieldCount => columns.Length;

    public override bool HasRows => hasRows;

    public override bool IsClosed => isClosed;

    public override int RecordsAffected => changes;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    public override bool Read()
    {
        if (isDone)
            return false;
        if (isFirst)
        {
            isFirst = false;
            return true;
        }

        isDone = !statement.Step();
        return !isDone;
    }

    public override Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Read());
    }

    public override bool NextResult() => false;

    public override Task<bool> NextResultAsync(CancellationToken cancellationToken) => Task.FromResult(false);

    public override void Close()
    {
        if (isClosed)
            return;
        isClosed = true;
        try
        {
            // A write with RETURNING is done when its last row is read.
            while (!isDone && !statement.IsReadOnly)
                isDone = !statement.Step();
            if (!statement.IsReadOnly)
                changes = statement.Changes;
        }
        finally
        {
            statements.GiveBack(statement);
        }
    }

    public override Task CloseAsync()
    {
        Close();
        return Task.CompletedTask;
    }

    public override string GetName(int ordinal) => columns[ordinal];

    public override int GetOrdinal(string name) =>
        Array.FindIndex(columns, column => string.Equals(column, name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var found
            ? found
            : throw new ArgumentException($"There is no column '{name}'.", nameof(name));

    public override string GetDataTypeName(int ordinal) => statement.DeclaredType(ordinal) ?? "";

    /// <remarks>SQLite's values have types, its columns only declare one: for NULL that is all there is.</remarks>
    public override Type GetFieldType(int ordinal) => SqliteNative.ColumnType(handle, ordinal) switch
    {
        raw.SQLITE_INTEGER => typeof(long),
        raw.SQLITE_FLOAT => typeof(double),
        raw.SQLITE_TEXT => typeof(string),
        raw.SQLITE_BLOB => typeof(byte[]),
        _ => DeclaredType(statement.DeclaredType(ordinal)),
    };

    public override bool IsDBNull(int ordinal) => SqliteNative.ColumnType(handle, ordinal) == raw.SQLITE_NULL;

    public override object GetValue(int ordinal) => SqliteNative.ColumnType(handle, ordinal) switch
    {
        raw.SQLITE_INTEGER => SqliteNative.ColumnInt64(handle, ordinal),
        raw.SQLITE_FLOAT => SqliteNative.ColumnDouble(handle, ordinal),
        raw.SQLITE_TEXT => GetString(ordinal),
        raw.SQLITE_BLOB => GetBytes(ordinal),
        _ => DBNull.Value,
    };

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, FieldCount);
        for (var i = 0; i < count; i++)
            values[i] = GetValue(i);
        return count;
    }

    public override string GetString(int ordinal) =>
        SqliteNative.ColumnBlob(handle, ordinal) is not 0 and var text ? Marshal.PtrToStringUTF8(text, SqliteNative.ColumnBytes(handle, ordinal)) : "";

    public override long GetInt64(int ordinal) => SqliteNative.ColumnInt64(handle, ordinal);

    public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));

    public override short GetInt16(int ordinal) => checked((short)GetInt64(ordinal));

    public override byte GetByte(int ordinal) => checked((byte)GetInt64(ordinal));

    public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;

    public override double GetDouble(int ordinal) => SqliteNative.ColumnDouble(handle, ordinal);

    public override float GetFloat(int ordinal) => (float)GetDouble(ordinal);

    public override decimal GetDecimal(int ordinal) => decimal.Parse(GetString(ordinal), NumberStyles.Number, CultureInfo.InvariantCulture);

    public override char GetChar(int ordinal) => GetString(ordinal)[0];

    public override Guid GetGuid(int ordinal) => Guid.Parse(GetString(ordinal));

    public override DateTime GetDateTime(int ordinal) => DateTime.Parse(GetString(ordinal), CultureInfo.InvariantCulture);

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length)
    {
        var size = SqliteNative.ColumnBytes(handle, ordinal);
        if (buffer is null)
            return size;
        var count = (int)Math.Clamp(size - dataOffset, 0, length);
        if (count > 0)
            Marshal.Copy(SqliteNative.ColumnBlob(handle, ordinal) + (int)dataOffset, buffer, bufferOffset, count);
        return count;
    }

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) =>
        throw new NotSupportedException("Texts are read whole.");

    public override IEnumerator GetEnumerator() => new DbEnumerator(this, closeReader: false);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Close();
        base.Dispose(disposing);
    }

    private byte[] GetBytes(int ordinal)
    {
        var bytes = new byte[SqliteNative.ColumnBytes(handle, ordinal)];
        GetBytes(ordinal, 0, bytes, 0, bytes.Length);
        return bytes;
    }

    private static Type DeclaredType(string? declared) => declared switch
    {
        null or "" => typeof(byte[]),
        _ when Has(declared, "INT") => typeof(long),
        _ when Has(declared, "CHAR") || Has(declared, "CLOB") || Has(declared, "TEXT") => typeof(string),
        _ when Has(declared, "BLOB") => typeof(byte[]),
        _ when Has(declared, "REAL") || Has(declared, "FLOA") || Has(declared, "DOUB") => typeof(double),
        _ => typeof(string),
    };

    private static bool Has(string declared, string part) => declared.Contains(part, StringComparison.OrdinalIgnoreCase);
}
