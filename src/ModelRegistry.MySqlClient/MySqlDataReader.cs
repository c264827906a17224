using System.Collections;
using System.Data;
using System.Data.Common;
using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Results;
using ModelRegistry.MySqlClient.Sessions;

namespace ModelRegistry.MySqlClient;

/// <summary>Rows as they come off the wire: one is held at a time, however many there are.</summary>
public sealed class MySqlDataReader : DbDataReader
{
    private readonly MySqlConnection connection;
    private readonly ResultStream result;
    private readonly CommandWatch watch;
    private readonly CommandBehavior behavior;
    private readonly bool tinyIsBoolean;
    private (int Start, int Length)[] fields = [];
    private ReadOnlyMemory<byte>? row;
    private ReadOnlyMemory<byte>? peeked;
    private bool hasRows;
    private bool isClosed;

    internal MySqlDataReader(MySqlConnection connection, ResultStream result, CommandWatch watch, CommandBehavior behavior)
    {
        this.connection = connection;
        this.result = result;
        this.watch = watch;
        this.behavior = behavior;
        tinyIsBoolean = connection.Options.TreatTinyAsBoolean;
    }

    /// <summary>Sends what is to be executed and waits for the first of its results.</summary>
    /// <param name="timeout">Seconds until the last row must be read; 0 for no limit.</param>
    internal static async Task<MySqlDataReader> OpenAsync(
        MySqlConnection connection, Func<Session, ValueTask<ResultStream>> send, int timeout, CommandBehavior behavior, CancellationToken cancellationToken)
    {
        if (connection.ActiveReader is not null)
            throw new InvalidOperationException("A reader is open on this connection; close it first.");

        // The last moment to stop without consequences: from here on the conversation is under way.
        cancellationToken.ThrowIfCancellationRequested();
        var watch = new CommandWatch(connection.Session, connection.Connector, timeout, cancellationToken);
        try
        {
            var result = await send(connection.Session).ConfigureAwait(false);
            var reader = new MySqlDataReader(connection, result, watch, behavior);
            await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false);
            if (!result.IsComplete)
                connection.ActiveReader = reader;
            return reader;
        }
        catch (Exception exception)
        {
            watch.Dispose();
            if (exception is MySqlException known && watch.Word(known) is var worded && !ReferenceEquals(worded, known))
                throw worded;
            throw;
        }
    }

    /// <summary>Reads all there is to read, and closes.</summary>
    /// <returns>What <see cref="RecordsAffected"/> is at the end.</returns>
    internal async Task<int> ReadAffectedAsync()
    {
        await using var end = this.ConfigureAwait(false);
        while (await NextResultAsync(CancellationToken.None).ConfigureAwait(false))
        {
        }

        return RecordsAffected;
    }

    /// <summary>The first value of the first row, or null when there is none; closes.</summary>
    internal async Task<object?> ReadScalarAsync()
    {
        await using var end = this.ConfigureAwait(false);
        return await ReadAsync(CancellationToken.None).ConfigureAwait(false) && FieldCount > 0 ? GetValue(0) : null;
    }

    public override int Depth => 0;

    public override int FieldCount => result.Columns.Length;

    public override bool HasRows => hasRows;

    public override bool IsClosed => isClosed;

    public override int RecordsAffected => result.AffectedRows == 0 && FieldCount > 0 ? -1 : (int)Math.Min(result.AffectedRows, int.MaxValue);

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    public override async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        row = peeked ?? await GuardAsync(result.NextRowAsync()).ConfigureAwait(false);
        peeked = null;
        if (row is not { } bytes)
            return false;
        Locate(bytes.Span);
        return true;
    }

    public override bool Read() => ReadAsync(CancellationToken.None).GetAwaiter().GetResult();

    public override async Task<bool> NextResultAsync(CancellationToken cancellationToken)
    {
        row = peeked = null;
        while (await GuardAsync(result.NextResultAsync()).ConfigureAwait(false))
        {
            if (result.Columns.Length == 0)
                continue;
            fields = new (int, int)[result.Columns.Length];
            peeked = await GuardAsync(result.NextRowAsync()).ConfigureAwait(false);
            hasRows = peeked is not null;
            return true;
        }

        hasRows = false;
        return false;
    }

    public override bool NextResult() => NextResultAsync(CancellationToken.None).GetAwaiter().GetResult();

    public override async Task CloseAsync()
    {
        if (isClosed)
            return;
        isClosed = true;
        row = peeked = null;
        try
        {
            while (!result.IsComplete && !connection.Session.IsBroken && await GuardAsync(result.NextResultAsync()).ConfigureAwait(false))
            {
            }
        }
        finally
        {
            watch.Dispose();
            connection.ActiveReader = null;
            if (behavior.HasFlag(CommandBehavior.CloseConnection))
                await connection.CloseAsync().ConfigureAwait(false);
        }
    }

    public override void Close() => CloseAsync().GetAwaiter().GetResult();

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    public override string GetName(int ordinal) => result.Columns[ordinal].Name;

    public override int GetOrdinal(string name)
    {
        for (var i = 0; i < FieldCount; i++)
        {
            if (string.Equals(result.Columns[i].Name, name, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        throw new IndexOutOfRangeException($"There is no column '{name}'.");
    }

    public override Type GetFieldType(int ordinal) => FieldValue.TypeOf(result.Columns[ordinal], tinyIsBoolean);

    public override string GetDataTypeName(int ordinal) => result.Columns[ordinal].Type.ToString().ToUpperInvariant();

    public override bool IsDBNull(int ordinal)
    {
        _ = Current;
        return fields[ordinal].Length < 0;
    }

    public override object GetValue(int ordinal)
    {
        var (start, length) = Field(ordinal);
        if (length < 0)
            return DBNull.Value;
        try
        {
            return FieldValue.Read(Current.Span.Slice(start, length), result.Columns[ordinal], result.IsBinary, tinyIsBoolean);
        }
        catch (ProtocolException exception)
        {
            throw connection.Session.Break(exception);
        }
    }

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, FieldCount);
        for (var i = 0; i < count; i++)
            values[i] = GetValue(i);
        return count;
    }

    public override bool GetBoolean(int ordinal) => Convert<bool>(ordinal);

    public override byte GetByte(int ordinal) => Convert<byte>(ordinal);

    public override char GetChar(int ordinal) => GetString(ordinal)[0];

    public override DateTime GetDateTime(int ordinal) => Convert<DateTime>(ordinal);

    public override decimal GetDecimal(int ordinal) => Convert<decimal>(ordinal);

    public override double GetDouble(int ordinal) => Convert<double>(ordinal);

    public override float GetFloat(int ordinal) => Convert<float>(ordinal);

    public override Guid GetGuid(int ordinal) => Guid.Parse(GetString(ordinal));

    public override short GetInt16(int ordinal) => Convert<short>(ordinal);

    public override int GetInt32(int ordinal) => Convert<int>(ordinal);

    public override long GetInt64(int ordinal) => Convert<long>(ordinal);

    public override string GetString(int ordinal) => (string)GetValue(ordinal);

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length)
    {
        var (start, size) = Field(ordinal);
        if (size < 0)
            throw new InvalidCastException("The value is NULL.");
        if (buffer is null)
            return size;
        var count = (int)Math.Clamp(size - dataOffset, 0, length);
        Current.Span.Slice(start + (int)Math.Min(dataOffset, size), count).CopyTo(buffer.AsSpan(bufferOffset));
        return count;
    }

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length)
    {
        var text = GetString(ordinal);
        if (buffer is null)
            return text.Length;
        var count = (int)Math.Clamp(text.Length - dataOffset, 0, length);
        text.CopyTo((int)Math.Min(dataOffset, text.Length), buffer, bufferOffset, count);
        return count;
    }

    public override IEnumerator GetEnumerator() => new DbEnumerator(this, closeReader: false);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Close();
        base.Dispose(disposing);
    }

    private ReadOnlyMemory<byte> Current => row ?? throw new InvalidOperationException("The reader is not on a row.");

    private (int Start, int Length) Field(int ordinal)
    {
        _ = Current;
        return fields[ordinal];
    }

    private T Convert<T>(int ordinal)
    {
        var value = GetValue(ordinal);
        return value is T exact ? exact : (T)System.Convert.ChangeType(value, typeof(T), System.Globalization.CultureInfo.InvariantCulture);
    }

    private void Locate(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RowReader.Locate(bytes, result.Columns, result.IsBinary, fields);
        }
        catch (ProtocolException exception)
        {
            throw connection.Session.Break(exception);
        }
    }

    /// <summary>Reads on, and ends the watch with the answer's end.</summary>
    private async ValueTask<T> GuardAsync<T>(ValueTask<T> step)
    {
        try
        {
            var value = await step.ConfigureAwait(false);
            if (result.IsComplete)
                watch.Dispose();
            return watch.IsStopped ? throw new MySqlException("The command was stopped.") : value;
        }
        catch (MySqlException exception)
        {
            watch.Dispose();
            connection.ActiveReader = null;
            if (watch.Word(exception) is var worded && !ReferenceEquals(worded, exception))
                throw worded;
            throw;
        }
    }
}
