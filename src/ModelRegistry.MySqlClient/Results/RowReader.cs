using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Protocol.Payloads;
using ModelRegistry.MySqlClient.Protocol.Serialization;

namespace ModelRegistry.MySqlClient.Results;

/// <summary>Finds the fields of a row.</summary>
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
}
