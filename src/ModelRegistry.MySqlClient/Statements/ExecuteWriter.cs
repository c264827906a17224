using System.Globalization;
using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Protocol.Serialization;

namespace ModelRegistry.MySqlClient.Statements;

/// <summary>Writes COM_STMT_EXECUTE: the values in the binary protocol, never as part of the SQL text.</summary>
internal static class ExecuteWriter
{
    private const ushort UnsignedFlag = 0x8000;

    /// <param name="writer">Begun for this command.</param>
    /// <exception cref="NotSupportedException">A value is of a type that has no place in a database.</exception>
    public static void Write(PayloadWriter writer, uint statementId, object?[] values)
    {
        writer.UInt32(statementId).Byte(0).UInt32(1);
        if (values.Length == 0)
            return;
        var nullMap = writer.Length;
        writer.Zeros((values.Length + 7) / 8).Byte(1);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is null)
                writer.SetBit(nullMap + (i / 8), i % 8);
            writer.UInt16(TypeOf(values[i]));
        }

        foreach (var value in values)
        {
            if (value is not null)
                WriteValue(writer, value);
        }
    }

    private static ushort TypeOf(object? value) => value switch
    {
        null => (ushort)ColumnType.Null,
        bool or sbyte => (ushort)ColumnType.Tiny,
        byte => (ushort)ColumnType.Tiny | UnsignedFlag,
        short => (ushort)ColumnType.Short,
        ushort => (ushort)ColumnType.Short | UnsignedFlag,
        int => (ushort)ColumnType.Long,
        uint => (ushort)ColumnType.Long | UnsignedFlag,
        long => (ushort)ColumnType.LongLong,
        ulong => (ushort)ColumnType.LongLong | UnsignedFlag,
        float => (ushort)ColumnType.Float,
        double => (ushort)ColumnType.Double,
        decimal => (ushort)ColumnType.NewDecimal,
        DateTime or DateTimeOffset => (ushort)ColumnType.DateTime,
        TimeSpan => (ushort)ColumnType.Time,
        byte[] => (ushort)ColumnType.Blob,
        string or char or Guid => (ushort)ColumnType.VarString,
        Enum => (ushort)ColumnType.LongLong,
        _ => throw new NotSupportedException($"A parameter cannot be of type {value.GetType()}."),
    };

    private static void WriteValue(PayloadWriter writer, object value)
    {
        _ = value switch
        {
            bool flag => writer.Byte(flag ? (byte)1 : (byte)0),
            sbyte number => writer.Byte((byte)number),
            byte number => writer.Byte(number),
            short number => writer.UInt16((ushort)number),
            ushort number => writer.UInt16(number),
            int number => writer.UInt32((uint)number),
            uint number => writer.UInt32(number),
            long number => writer.UInt64((ulong)number),
            ulong number => writer.UInt64(number),
            float number => writer.UInt32(BitConverter.SingleToUInt32Bits(number)),
            double number => writer.UInt64(BitConverter.DoubleToUInt64Bits(number)),
            decimal number => writer.LengthEncodedText(number.ToString(CultureInfo.InvariantCulture)),
            DateTime moment => WriteDateTime(writer, moment),
            DateTimeOffset moment => WriteDateTime(writer, moment.UtcDateTime),
            TimeSpan span => WriteTime(writer, span),
            byte[] bytes => writer.LengthEncoded(bytes),
            Enum constant => writer.UInt64((ulong)Convert.ToInt64(constant, CultureInfo.InvariantCulture)),
            _ => writer.LengthEncodedText(Convert.ToString(value, CultureInfo.InvariantCulture)!),
        };
    }

    private static PayloadWriter WriteDateTime(PayloadWriter writer, DateTime moment) => writer
        .Byte(11).UInt16((ushort)moment.Year).Byte((byte)moment.Month).Byte((byte)moment.Day)
        .Byte((byte)moment.Hour).Byte((byte)moment.Minute).Byte((byte)moment.Second)
        .UInt32((uint)(moment.TimeOfDay.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));

    private static PayloadWriter WriteTime(PayloadWriter writer, TimeSpan span)
    {
        var size = span.Duration();
        return writer.Byte(12).Byte(span < TimeSpan.Zero ? (byte)1 : (byte)0).UInt32((uint)size.Days)
            .Byte((byte)size.Hours).Byte((byte)size.Minutes).Byte((byte)size.Seconds)
            .UInt32((uint)(size.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
    }
}
