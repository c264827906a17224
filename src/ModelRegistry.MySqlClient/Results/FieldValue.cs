using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Protocol.Payloads;

namespace ModelRegistry.MySqlClient.Results;

/// <summary>Turns the bytes of a field into the .NET value of its column.</summary>
internal static class FieldValue
{
    /// <summary>The .NET type of a column's values.</summary>
    public static Type TypeOf(ColumnPayload column, bool tinyIsBoolean) => column.Type switch
    {
        ColumnType.Tiny => IsBoolean(column, tinyIsBoolean) ? typeof(bool) : column.IsUnsigned ? typeof(byte) : typeof(sbyte),
        ColumnType.Short => column.IsUnsigned ? typeof(ushort) : typeof(short),
        ColumnType.Year => typeof(int),
        ColumnType.Long or ColumnType.Int24 => column.IsUnsigned ? typeof(uint) : typeof(int),
        ColumnType.LongLong => column.IsUnsigned ? typeof(ulong) : typeof(long),
        ColumnType.Float => typeof(float),
        ColumnType.Double => typeof(double),
        ColumnType.Decimal or ColumnType.NewDecimal => typeof(decimal),
        ColumnType.Bit => typeof(ulong),
        ColumnType.Date or ColumnType.DateTime or ColumnType.Timestamp => typeof(DateTime),
        ColumnType.Time => typeof(TimeSpan),
        ColumnType.Null => typeof(object),
        _ => IsText(column) ? typeof(string) : typeof(byte[]),
    };

    public static object Read(ReadOnlySpan<byte> field, ColumnPayload column, bool isBinary, bool tinyIsBoolean) => column.Type switch
    {
        ColumnType.Tiny or ColumnType.Short or ColumnType.Year or ColumnType.Long or ColumnType.Int24 or ColumnType.LongLong =>
            Integer(column.IsUnsigned ? unchecked((long)Unsigned(field, isBinary)) : Signed(field, isBinary), column, tinyIsBoolean),
        ColumnType.Float => isBinary ? BinaryPrimitives.ReadSingleLittleEndian(field) : (float)Parse<double>(field),
        ColumnType.Double => isBinary ? BinaryPrimitives.ReadDoubleLittleEndian(field) : Parse<double>(field),
        ColumnType.Decimal or ColumnType.NewDecimal => Decimal(field),
        ColumnType.Bit => Bits(field),
        ColumnType.Date or ColumnType.DateTime or ColumnType.Timestamp => isBinary ? TemporalValue.BinaryDateTime(field) : TemporalValue.TextDateTime(field),
        ColumnType.Time => isBinary ? TemporalValue.BinaryTime(field) : TemporalValue.TextTime(field),
        _ => IsText(column) ? Encoding.UTF8.GetString(field) : field.ToArray(),
    };

    private static bool IsText(ColumnPayload column) => !column.IsBinary || column.Type is ColumnType.Json or ColumnType.Enum or ColumnType.Set;

    private static bool IsBoolean(ColumnPayload column, bool tinyIsBoolean) => tinyIsBoolean && column is { Length: 1, IsUnsigned: false };

    private static object Integer(long value, ColumnPayload column, bool tinyIsBoolean) => column.Type switch
    {
        ColumnType.Tiny when IsBoolean(column, tinyIsBoolean) => value != 0,
        ColumnType.Tiny => column.IsUnsigned ? (byte)value : (object)(sbyte)value,
        ColumnType.Short => column.IsUnsigned ? (ushort)value : (object)(short)value,
        ColumnType.Year => (int)value,
        ColumnType.Long or ColumnType.Int24 => column.IsUnsigned ? (uint)value : (object)(int)value,
        _ => column.IsUnsigned ? unchecked((ulong)value) : (object)value,
    };

    private static long Signed(ReadOnlySpan<byte> field, bool isBinary) => !isBinary ? Parse<long>(field) : field.Length switch
    {
        1 => (sbyte)field[0],
        2 => BinaryPrimitives.ReadInt16LittleEndian(field),
        4 => BinaryPrimitives.ReadInt32LittleEndian(field),
        _ => BinaryPrimitives.ReadInt64LittleEndian(field),
    };

    private static ulong Unsigned(ReadOnlySpan<byte> field, bool isBinary) => !isBinary ? Parse<ulong>(field) : field.Length switch
    {
        1 => field[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(field),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(field),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(field),
    };

    private static ulong Bits(ReadOnlySpan<byte> field)
    {
        ulong value = 0;
        foreach (var part in field)
            value = (value << 8) | part;
        return value;
    }

    // The server's DECIMAL has 65 digits, .NET's 28: more before the point is an error, more behind it is rounded.
    private static decimal Decimal(ReadOnlySpan<byte> field) =>
        decimal.TryParse(field, NumberStyles.Number, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new MySqlException($"The value '{Encoding.UTF8.GetString(field)}' is too large for a decimal.", 0, "22003");

    private static T Parse<T>(ReadOnlySpan<byte> field)
        where T : IUtf8SpanParsable<T> =>
        T.TryParse(field, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new ProtocolException($"'{Encoding.UTF8.GetString(field)}' is not a number.");
}
