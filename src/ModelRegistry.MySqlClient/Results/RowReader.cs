using System.Buffers.Binary;
using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Protocol.Payloads;
using ModelRegistry.MySqlClient.Protocol.Serialization;

namespace ModelRegistry.MySqlClient.Results;

/// <summary>Finds the fields of a row and turns them into values.</summary>
internal static class RowReader
{
    /// <summary>Where the field of each column lies in the row; a length of -1 is NULL.</summary>
    /// <exception cref="ProtocolException">The row does not have the form its columns announce.</exception>
    public static void Locate(ReadOnlySpan<byte> row, IReadOnlyList<ColumnPayload> columns, bool isBinary, Span<(int Start, int Length)> fields)
    {
        if (isBinary)
            LocateBinary(row, columns, fields);
        else
            LocateText(row, fields);
    }

    private static void LocateText(ReadOnlySpan<byte> row, Span<(int Start, int Length)> fields)
    {
        var reader = new PayloadReader(row);
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = reader.TryReadLengthEncoded(out var value)
                ? (row.Length - reader.Remaining - value.Length, value.Length)
                : (0, -1);
        }
    }

    private static void LocateBinary(ReadOnlySpan<byte> row, IReadOnlyList<ColumnPayload> columns, Span<(int Start, int Length)> fields)
    {
        var reader = new PayloadReader(row);
        reader.Skip(1);
        var nulls = reader.ReadBytes((columns.Count + 9) / 8);
        for (var i = 0; i < fields.Length; i++)
        {
            // The first two bits of the map are reserved.
            if ((nulls[(i + 2) / 8] & (1 << ((i + 2) % 8))) != 0)
            {
                fields[i] = (0, -1);
                continue;
            }

            var length = FixedSize(columns[i].Type) ?? Prefix(ref reader, columns[i].Type);
            fields[i] = (row.Length - reader.Remaining, length);
            reader.Skip(length);
        }
    }

    private static int? FixedSize(ColumnType type) => type switch
    {
        ColumnType.Tiny => 1,
        ColumnType.Short or ColumnType.Year => 2,
        ColumnType.Long or ColumnType.Int24 or ColumnType.Float => 4,
        ColumnType.LongLong or ColumnType.Double => 8,
        _ => null,
    };

    private static int Prefix(ref PayloadReader reader, ColumnType type)
    {
        var length = type is ColumnType.Date or ColumnType.DateTime or ColumnType.Timestamp or ColumnType.Time
            ? reader.ReadByte()
            : reader.ReadLength();
        return length <= (ulong)reader.Remaining
            ? (int)length
            : throw new ProtocolException($"A field of {length} bytes does not fit its row.");
    }

    /// <summary>A date and time of the binary protocol; zero dates, which .NET has not, are <see cref="DateTime.MinValue"/>.</summary>
    public static DateTime BinaryDateTime(ReadOnlySpan<byte> field)
    {
        if (field.Length is not (0 or 4 or 7 or 11))
            throw new ProtocolException($"A date of {field.Length} bytes does not exist.");
        if (field.Length == 0)
            return DateTime.MinValue;
        var (year, month, day) = (BinaryPrimitives.ReadUInt16LittleEndian(field), field[2], field[3]);
        var time = field.Length >= 7 ? new TimeSpan(field[4], field[5], field[6]) : TimeSpan.Zero;
        var microseconds = field.Length == 11 ? BinaryPrimitives.ReadUInt32LittleEndian(field[7..]) : 0;
        return Date(year, month, day) + time + TimeSpan.FromMicroseconds(microseconds);
    }

    /// <summary>A time of the binary protocol, which can be negative and longer than a day.</summary>
    public static TimeSpan BinaryTime(ReadOnlySpan<byte> field)
    {
        if (field.Length is not (0 or 8 or 12))
            throw new ProtocolException($"A time of {field.Length} bytes does not exist.");
        if (field.Length == 0)
            return TimeSpan.Zero;
        var days = BinaryPrimitives.ReadUInt32LittleEndian(field[1..]);
        if (days > 10_000)
            throw new ProtocolException($"A time of {days} days does not exist.");
        var microseconds = field.Length == 12 ? BinaryPrimitives.ReadUInt32LittleEndian(field[8..]) : 0;
        var span = new TimeSpan((int)days, field[5], field[6], field[7]) + TimeSpan.FromMicroseconds(microseconds);
        return field[0] == 1 ? -span : span;
    }

    public static DateTime Date(int year, int month, int day) =>
        year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new DateTime(year, month, day)
            : DateTime.MinValue;
}
